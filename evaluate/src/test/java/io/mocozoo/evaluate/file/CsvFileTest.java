package io.mocozoo.evaluate.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables written and read again. */
class CsvFileTest {
    @TempDir
    Path folder;

    private static List<List<String>> read(Path file, List<Long> lines) throws IOException {
        List<List<String>> rows = new ArrayList<>();
        CsvFile.read(file, (line, fields) -> {
            rows.add(List.of(fields));
            lines.add(line);
        });
        return rows;
    }

    @Test
    void whateverIsWrittenIsReadAgain() throws IOException {
        Path file = folder.resolve("names.csv");
        List<List<String>> rows = List.of(
                List.of("path", "label"),
                List.of("two\n\nbreaks.jpg", "1"),
                List.of("\n", "2"),
                List.of("dos\r\nbreak \"quoted\", and a comma", ""),
                List.of("", "tab\t"),
                List.of("\r", "gr\u00fcn \ud83c\udf1f"));
        try (CsvFile csv = CsvFile.create(file, "path", "label")) {
            rows.stream().skip(1).forEach(row -> csv.row(row.toArray(String[]::new)));
            csv.finish();
        }
        List<Long> lines = new ArrayList<>();
        assertThat(read(file, lines)).isEqualTo(rows);
        assertThat(lines).containsExactly(1L, 4L, 6L, 8L, 9L, 10L);
    }

    @Test
    void blankLinesAndAByteOrderMarkArePassedOver() throws IOException {
        Path file = Files.writeString(folder.resolve("t.csv"), "\uFEFFpath,label\r\n\r\na,1\r\n \n\nb,2");
        List<Long> lines = new ArrayList<>();
        assertThat(read(file, lines)).containsExactly(List.of("path", "label"), List.of("a", "1"), List.of("b", "2"));
        assertThat(lines).containsExactly(1L, 3L, 6L);
    }

    @Test
    void whatIsNoTableIsRefusedByItsLine() throws IOException {
        Path open = Files.writeString(folder.resolve("open.csv"), "a,1\n\"b,2\nc,3\n");
        assertThatThrownBy(() -> read(open, new ArrayList<>()))
                .isInstanceOf(RunException.class)
                .hasMessageContaining("open.csv, line 2: expected a quote to be closed");
        Path endless = Files.writeString(folder.resolve("endless.csv"), "a,1\n\"" + "x\n".repeat(1 << 20));
        assertThatThrownBy(() -> read(endless, new ArrayList<>()))
                .hasMessageContaining("line 2: expected a record of at most");
        Path latin = Files.write(folder.resolve("latin.csv"), new byte[] {'a', ',', (byte) 0xFC, '\n'});
        assertThatThrownBy(() -> read(latin, new ArrayList<>())).hasMessageContaining("expected text in UTF-8");
    }
}
