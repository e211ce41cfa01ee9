package io.mocozoo.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.mocozoo.train.report.EventFile;
import io.mocozoo.train.report.Scalars;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScalarLogTest {
    @TempDir
    Path folder;

    private void write(long lastStep, long... steps) throws IOException {
        try (ScalarLog log = new ScalarLog(folder.resolve("scalars.jsonl"), lastStep)) {
            for (long step : steps) {
                log.write(ScalarLog.line().put("step", step).put("loss", 1.0 / step));
            }
        }
    }

    @Test
    void resumedLogHoldsEveryStepOnceAndTheEventFileTheSame() throws IOException {
        write(0, 1, 2, 3, 4, 5);
        Path file = folder.resolve("scalars.jsonl");
        Files.writeString(file, "{\"step\": 6, \"lo", StandardOpenOption.APPEND); // torn by a kill
        write(3, 4, 5);
        List<Long> steps = new ArrayList<>();
        Scalars.read(folder, (text, line) -> {
            steps.add(line.get("step").longValue());
            assertThat(line.get("wall_time").doubleValue()).isGreaterThan(1.5e9);
        });
        assertThat(steps).containsExactly(1L, 2L, 3L, 4L, 5L);
        assertThat(Files.readAllLines(file)).hasSize(5);
        byte[] appended = Files.readAllBytes(folder.resolve(EventFile.FILE));
        assertThat(EventFile.write(folder)).hasBinaryContent(appended);
    }
}
