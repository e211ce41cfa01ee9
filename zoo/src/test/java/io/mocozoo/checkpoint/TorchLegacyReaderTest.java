package io.mocozoo.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorchLegacyReaderTest {
    @TempDir
    Path folder = Path.of("");

    @Test
    void readsALegacyFileAndSaysWhatIsLeftBehindIt() throws Exception {
        byte[] good = TestFiles.legacy(TestFiles.sixFloats().stop(), "0", TestFiles.SIX);
        try (Checkpoint checkpoint =
                TestFiles.open(TestFiles.file(folder, "a.pth", Arrays.copyOf(good, good.length + 5)))) {
            assertThat(checkpoint.format()).isEqualTo(CheckpointFormat.TORCH_LEGACY);
            assertThat(TestFiles.only(checkpoint).toFloats()).containsExactly(TestFiles.SIX);
            assertThat(checkpoint.warnings()).containsExactly("5 bytes behind the last storage are ignored");
        }
    }

    @Test
    void givenLegacyFileCutAnywhere_whenOpened_thenIsRefused() throws Exception {
        byte[] good = TestFiles.legacy(TestFiles.sixFloats().stop(), "0", TestFiles.SIX);
        for (int length = 0; length < good.length; length++) {
            Path file = TestFiles.file(folder, "cut.pth", Arrays.copyOf(good, length));
            assertThatThrownBy(() -> TestFiles.open(file))
                    .as("cut to %d of %d", length, good.length)
                    .isInstanceOf(CheckpointFormatException.class);
        }
    }

    @Test
    void readsLegacyViewsOfAStorage() throws Exception {
        Pickled view = new Pickled()
                .op(0x80, 2, '}')
                .text("w")
                .global("torch._utils", "_rebuild_tensor")
                .op('(');
        view.op('(')
                .text("storage")
                .global("torch", "FloatStorage")
                .text("0")
                .text("cpu")
                .integer(6);
        view.op('(').text("v").integer(2).integer(3).op('t', 't', 'Q');
        view.integer(1).tuple(2).tuple(1).ascii("tRs");
        try (Checkpoint checkpoint =
                TestFiles.open(TestFiles.file(folder, "v.pth", TestFiles.legacy(view.stop(), "0", TestFiles.SIX)))) {
            assertThat(TestFiles.only(checkpoint).toFloats()).containsExactly(4, 5);
        }
    }

    @Test
    void givenLegacyViewBeyondItsStorage_thenIsRefused() {
        Pickled view = new Pickled().op(0x80, 2).op('(').text("storage").global("torch", "FloatStorage");
        view.text("0")
                .text("cpu")
                .integer(6)
                .op('(')
                .text("v")
                .integer(4)
                .integer(3)
                .op('t', 't', 'Q');
        Path file = TestFiles.file(folder, "v.pth", TestFiles.legacy(view.stop(), "0", TestFiles.SIX));
        assertThatThrownBy(() -> TestFiles.open(file)).hasMessageContaining("a view of 3 elements from 4");
    }

    @Test
    void givenLegacyStorageOfAnotherLength_thenIsRefused() {
        Path file = TestFiles.file(
                folder, "n.pth", TestFiles.legacy(TestFiles.sixFloats().stop(), "0", 1, 2, 3, 4, 5, 6, 7));
        assertThatThrownBy(() -> TestFiles.open(file))
                .hasMessageContaining("7 elements")
                .hasMessageContaining("6");
        Path other = TestFiles.file(
                folder, "k.pth", TestFiles.legacy(TestFiles.sixFloats().stop(), "1", TestFiles.SIX));
        assertThatThrownBy(() -> TestFiles.open(other)).hasMessageContaining("'1' which no tensor uses");
    }

    @Test
    void givenBigEndianLegacyFile_thenIsRefused() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {(byte) 0x80, 2});
        out.writeBytes(TorchLegacyReader.MAGIC);
        out.write('.');
        out.writeBytes(new Pickled().integer(1001).stop());
        out.writeBytes(new Pickled().op('}').text("little_endian").op(0x89, 's').stop());
        out.writeBytes(TestFiles.sixFloats().stop());
        out.writeBytes(new Pickled().op(']').text("0").op('a').stop());
        assertThatThrownBy(() -> TestFiles.open(TestFiles.file(folder, "b.pth", out)))
                .hasMessageContaining("big-endian");
    }
}
