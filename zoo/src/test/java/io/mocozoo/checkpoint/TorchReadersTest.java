package io.mocozoo.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mocozoo.store.AtomicFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorchReadersTest {
    private static final float[] SIX = {1, 2, 3, 4, 5, 6};

    @TempDir
    Path folder = Path.of("");

    private static Checkpoint open(Path file) throws IOException {
        return Checkpoint.open(file, ReadLimits.DEFAULT);
    }

    private static StoredTensor only(Checkpoint checkpoint) {
        return checkpoint.stateDict().values().iterator().next();
    }

    @Test
    void readsAZipFile() throws Exception {
        Path file = TestFiles.zip(folder, TestFiles.sixFloats().stop(), "data/0", TestFiles.floats(SIX));
        try (Checkpoint checkpoint = open(file)) {
            assertThat(checkpoint.format()).isEqualTo(CheckpointFormat.TORCH_ZIP);
            assertThat(checkpoint.topLevelKeys()).containsExactly("state_dict");
            assertThat(only(checkpoint).shape()).containsExactly(2, 3);
            assertThat(only(checkpoint).toFloats()).containsExactly(SIX);
        }
    }

    @Test
    void readsALegacyFileAndSaysWhatIsLeftBehindIt() throws Exception {
        byte[] good = TestFiles.legacy(TestFiles.sixFloats().stop(), "0", SIX);
        try (Checkpoint checkpoint = open(TestFiles.file(folder, "a.pth", Arrays.copyOf(good, good.length + 5)))) {
            assertThat(checkpoint.format()).isEqualTo(CheckpointFormat.TORCH_LEGACY);
            assertThat(only(checkpoint).toFloats()).containsExactly(SIX);
            assertThat(checkpoint.warnings()).containsExactly("5 bytes behind the last storage are ignored");
        }
    }

    @Test
    void givenLegacyFileCutAnywhere_whenOpened_thenIsRefused() throws Exception {
        byte[] good = TestFiles.legacy(TestFiles.sixFloats().stop(), "0", SIX);
        for (int length = 0; length < good.length; length++) {
            Path file = TestFiles.file(folder, "cut.pth", Arrays.copyOf(good, length));
            assertThatThrownBy(() -> open(file))
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
        try (Checkpoint checkpoint = open(TestFiles.file(folder, "v.pth", TestFiles.legacy(view.stop(), "0", SIX)))) {
            assertThat(only(checkpoint).toFloats()).containsExactly(4, 5);
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
        Path file = TestFiles.file(folder, "v.pth", TestFiles.legacy(view.stop(), "0", SIX));
        assertThatThrownBy(() -> open(file)).hasMessageContaining("a view of 3 elements from 4");
    }

    @Test
    void givenLegacyStorageOfAnotherLength_thenIsRefused() {
        Path file = TestFiles.file(
                folder, "n.pth", TestFiles.legacy(TestFiles.sixFloats().stop(), "0", 1, 2, 3, 4, 5, 6, 7));
        assertThatThrownBy(() -> open(file)).hasMessageContaining("7 elements").hasMessageContaining("6");
        Path other = TestFiles.file(
                folder, "k.pth", TestFiles.legacy(TestFiles.sixFloats().stop(), "1", SIX));
        assertThatThrownBy(() -> open(other)).hasMessageContaining("'1' which no tensor uses");
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
        assertThatThrownBy(() -> open(TestFiles.file(folder, "b.pth", out))).hasMessageContaining("big-endian");
    }

    @Test
    void bigEndianStoragesOfZipFilesAreSwapped() throws Exception {
        byte[] big = {0x3f, (byte) 0x80, 0, 0, 0x40, 0, 0, 0};
        Pickled pickle = new Pickled()
                .op('}')
                .text("w")
                .tensor("0", 2, 0, new long[] {2}, new long[] {1})
                .op('s');
        Path file = TestFiles.zip(
                folder, pickle.stop(), Map.of("data/0", big, "byteorder", "big".getBytes(StandardCharsets.US_ASCII)));
        try (Checkpoint checkpoint = open(file)) {
            assertThat(only(checkpoint).toFloats()).containsExactly(1, 2);
            assertThat(only(checkpoint).toBytes().getFloat(4)).isEqualTo(2);
        }
        Path odd = TestFiles.zip(
                folder, pickle.stop(), Map.of("data/0", big, "byteorder", "odd".getBytes(StandardCharsets.US_ASCII)));
        assertThatThrownBy(() -> open(odd)).hasMessageContaining("expected 'little' or 'big'");
    }

    @Test
    void givenFlippedByteInATensor_whenRead_thenIsRefusedByTheChecksum() throws Exception {
        Path file = TestFiles.zip(folder, TestFiles.sixFloats().stop(), "data/0", TestFiles.floats(SIX));
        byte[] bytes = Files.readAllBytes(file);
        int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("\0\0\u0080?");
        bytes[at]++;
        try (Checkpoint checkpoint = open(Files.write(file, bytes))) {
            assertThatThrownBy(() -> only(checkpoint).toFloats())
                    .isInstanceOf(CheckpointFormatException.class)
                    .hasMessageContaining("entry archive/data/0")
                    .hasMessageContaining("CRC-32");
            assertThatThrownBy(checkpoint::verify).isInstanceOf(CheckpointFormatException.class);
        }
    }

    private Path deflated(byte[] pickle, byte[] storage) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry("a/data.pkl"));
            zip.write(pickle);
            zip.closeEntry();
            zip.putNextEntry(new ZipEntry("a/data/0"));
            zip.write(storage);
            zip.closeEntry();
        }
        return TestFiles.file(folder, "deflated.pth", out);
    }

    @Test
    void deflatedArchivesAreReadUpToWhatTheyPromise() throws Exception {
        try (Checkpoint checkpoint = open(deflated(TestFiles.sixFloats().stop(), TestFiles.floats(SIX)))) {
            assertThat(only(checkpoint).toFloats()).containsExactly(SIX);
        }
        Path bomb = deflated(TestFiles.sixFloats().stop(), new byte[1 << 20]);
        assertThatThrownBy(() -> open(bomb)).hasMessageContaining("holds 1048576 bytes");
    }

    @Test
    void givenDeflatedEntryThatLiesAboutItsSize_whenRead_thenIsRefused() throws Exception {
        Path file = deflated(TestFiles.sixFloats().stop(), new byte[1 << 20]);
        byte[] bytes = Files.readAllBytes(file);
        byte[] truth = {0, 0, 0x10, 0}; // 2^20
        for (int at = 0; at + 4 <= bytes.length; at++) {
            if (Arrays.equals(bytes, at, at + 4, truth, 0, 4)) {
                bytes[at + 2] = 0;
                bytes[at] = 24;
            }
        }
        try (Checkpoint checkpoint = open(Files.write(file, bytes))) {
            assertThatThrownBy(() -> only(checkpoint).toFloats()).hasMessageContaining("more than the 24 bytes");
        }
    }

    @Test
    void givenBroadcastTensorFarLargerThanTheFile_thenIsRefused() throws Exception {
        Pickled pickle = new Pickled().op('}').text("w");
        pickle.tensor("0", 1, 0, new long[] {1 << 20, 1 << 10}, new long[] {0, 0})
                .op('s');
        Path file = TestFiles.zip(folder, pickle.stop(), "data/0", TestFiles.floats(1));
        assertThatThrownBy(() -> open(file))
                .isInstanceOfSatisfying(CheckpointFormatException.class, e -> assertThat(e.key())
                        .contains("w"))
                .hasMessageContaining("1073741824 elements");
    }

    @Test
    void stripsTheModulePrefixAndRefusesACollision() throws Exception {
        long[] one = {1};
        Pickled pickle = new Pickled()
                .op('}')
                .text("module.w")
                .tensor("0", 1, 0, one, one)
                .op('s');
        try (Checkpoint checkpoint = open(TestFiles.zip(folder, pickle.stop(), "data/0", TestFiles.floats(1)))) {
            assertThat(checkpoint.stateDict()).containsOnlyKeys("w");
        }
        Pickled both = new Pickled()
                .op('}')
                .text("module.w")
                .tensor("0", 1, 0, one, one)
                .op('s');
        both.text("w").tensor("0", 1, 0, one, one).op('s');
        Path file = TestFiles.zip(folder, both.stop(), "data/0", TestFiles.floats(1));
        assertThatThrownBy(() -> open(file)).hasMessageContaining("with and without 'module.'");
    }

    @Test
    void readsEmaClassesAndMetadata() throws Exception {
        long[] one = {1};
        Pickled pickle =
                new Pickled().op('}', '(').text("state_dict").op('}').text("w").tensor("0", 1, 0, one, one);
        pickle.op('s').text("ema_state_dict").op('}', '(').text("steps").tensor("0", 1, 0, one, one);
        pickle.text("module.w").tensor("0", 1, 0, one, one).op('u');
        pickle.text("meta")
                .op('}', '(')
                .text("CLASSES")
                .op('(')
                .text("cat")
                .text("dog")
                .op('t');
        pickle.text("epoch").integer(3).text("cfg").text("x".repeat(1000)).op('u', 'u');
        try (Checkpoint checkpoint = open(TestFiles.zip(folder, pickle.stop(), "data/0", TestFiles.floats(1)))) {
            assertThat(checkpoint.emaStateDict().orElseThrow()).containsOnlyKeys("w");
            assertThat(checkpoint.classes().orElseThrow()).containsExactly("cat", "dog");
            assertThat(checkpoint.metadata()).containsExactly(Map.entry("epoch", "3"));
        }
    }

    @Test
    void valuesThatAreNoTensorsAreLeftOutWithAWarning() throws Exception {
        Pickled pickle = new Pickled()
                .op('}', '(')
                .text("state_dict")
                .op('}', '(')
                .text("n")
                .integer(1)
                .text("w");
        pickle.tensor("0", 1, 0, new long[] {1}, new long[] {1}).op('u', 'u');
        try (Checkpoint checkpoint = open(TestFiles.zip(folder, pickle.stop(), "data/0", TestFiles.floats(1)))) {
            assertThat(checkpoint.stateDict()).containsOnlyKeys("w");
            assertThat(checkpoint.warnings()).containsExactly("not tensors, left out of state_dict: [n]");
        }
    }

    @Test
    void whatHasNoTensorsIsNamed() throws Exception {
        Path list = TestFiles.zip(folder, new Pickled().op(']').stop(), Map.of());
        assertThatThrownBy(() -> open(list))
                .hasMessageContaining("no state_dict")
                .hasMessageContaining("a list of 0");
        Path wrong = TestFiles.zip(
                folder, new Pickled().op('}').text("state_dict").op('N', 's').stop(), Map.of());
        assertThatThrownBy(() -> open(wrong)).hasMessageContaining("found None");
        Path net = TestFiles.zip(
                folder, new Pickled().op('}').text("net").op('}', 's').stop(), Map.of());
        assertThatThrownBy(() -> open(net)).hasMessageContaining("[net]");
    }

    @Test
    void filesThatAreNoCheckpointsAreRecognised() {
        Map<String, String> guesses = Map.of(
                "", "it is empty",
                "  <html>", "web page",
                "version https://git-lfs.github.com/spec/v1\n", "Git LFS pointer",
                "\u0080\u0002]q\u0000.", "bare pickle",
                "\u001f\u008b\b", "gzip",
                "{\"a\": 1}", "JSON",
                "GIF89a", "47 49 46 38");
        guesses.forEach((content, guess) -> {
            Path file = TestFiles.file(folder, "x.pth", content.getBytes(StandardCharsets.ISO_8859_1));
            assertThatThrownBy(() -> open(file))
                    .isInstanceOf(CheckpointFormatException.class)
                    .hasMessageStartingWith("x.pth: this is not a checkpoint")
                    .hasMessageContaining(guess);
        });
    }

    @Test
    void closedCheckpointsAreNotRead() throws Exception {
        Checkpoint checkpoint =
                open(TestFiles.zip(folder, TestFiles.sixFloats().stop(), "data/0", TestFiles.floats(SIX)));
        checkpoint.close();
        checkpoint.close();
        assertThatThrownBy(() -> only(checkpoint).toFloats())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is closed");
    }

    @Test
    void digestsInNamesAreChecked() throws Exception {
        Path file = TestFiles.file(folder, "m-e3b0c442.pth", new byte[0]);
        Checkpoint.verifyNameDigest(file);
        Checkpoint.verifyNameDigest(Path.of("m-E3B0C442.pth.tar"), "e3b0c44298");
        Checkpoint.verifyNameDigest(Path.of("m-2.pth"), "00");
        assertThatThrownBy(() -> Checkpoint.verifyNameDigest(Path.of("m-e3b0c442.safetensors"), "00ff"))
                .isInstanceOf(CheckpointFormatException.class)
                .hasMessageContaining("e3b0c442")
                .hasMessageContaining("00ff");
    }

    @Test
    void duplicateNamesInAnArchiveAreRefused() throws Exception {
        Path target = folder.resolve("d.pth");
        try (AtomicFile file = AtomicFile.create(target)) {
            ZipWriter zip = new ZipWriter(file);
            zip.add("a/data.pkl", ByteBuffer.wrap(TestFiles.sixFloats().stop()));
            zip.add("a/data.pkl", ByteBuffer.wrap(TestFiles.sixFloats().stop()));
            zip.finish();
            file.commit();
        }
        assertThatThrownBy(() -> open(target)).hasMessageContaining("occurs twice");
    }

    @Test
    void zip64ArchivesAreRead() throws Exception {
        Path target = folder.resolve("wide.pth");
        try (AtomicFile file = AtomicFile.create(target)) {
            ZipWriter zip = new ZipWriter(file, 1); // every offset but the first
            zip.add("a/data.pkl", ByteBuffer.wrap(TestFiles.sixFloats().stop()));
            zip.add("a/data/0", ByteBuffer.wrap(TestFiles.floats(SIX)));
            zip.finish();
            file.commit();
        }
        try (Checkpoint checkpoint = open(target)) {
            assertThat(only(checkpoint).toFloats()).containsExactly(SIX);
        }
        try (ZipFile zip = new ZipFile(target.toFile())) {
            ZipEntry entry = zip.getEntry("a/data/0");
            CRC32 crc = new CRC32();
            crc.update(zip.getInputStream(entry).readAllBytes());
            assertThat(entry.getCrc()).isEqualTo(crc.getValue());
        }
    }
}
