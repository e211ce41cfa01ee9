package io.mocozoo.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
    private static ByteBuffer text(String text) {
        return StandardCharsets.UTF_8.encode(text);
    }

    @Test
    void whatIsWrittenReplacesTheOldAndFoldersAreMade(@TempDir Path folder) throws IOException {
        Path target = folder.resolve("a").resolve("b.txt");
        AtomicFile.write(target, channel -> channel.write(text("old")));
        AtomicFile.write(target, channel -> channel.write(text("new")));

        assertThat(target).hasContent("new");
        assertThat(target.getParent()).isDirectoryNotContaining("glob:**.part");
    }

    @Test
    void aWriterThatFailsLeavesTheOldFileAlone(@TempDir Path folder) throws IOException {
        Path target = folder.resolve("b.txt");
        Files.writeString(target, "old");

        assertThatThrownBy(() -> AtomicFile.write(target, channel -> {
                    channel.write(text("ne"));
                    throw new IOException("disk full");
                }))
                .hasMessage("disk full");

        assertThat(target).hasContent("old");
        assertThat(folder).isDirectoryNotContaining("glob:**.part");
    }

    @Test
    void itIsAsReadableAsAnyOtherFile(@TempDir Path folder) throws IOException {
        Path plain = Files.writeString(folder.resolve("plain"), "x");
        Path target = folder.resolve("b.txt");
        AtomicFile.write(target, channel -> channel.write(text("x")));

        if (Files.getFileStore(folder).supportsFileAttributeView("posix")) {
            assertThat(Files.getPosixFilePermissions(target)).isEqualTo(Files.getPosixFilePermissions(plain));
        }
    }
}
