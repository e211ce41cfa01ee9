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

class TorchZipReaderTest {
    @TempDir
    Path folder = Path.of("");

    @Test
    void readsAZipFile() throws Exception {
        Path file = TestFiles.zip(folder, TestFiles.sixFloats().stop(), "data/0", TestFiles.floats(TestFiles.SIX));
        try (Checkpoint checkpoint = TestFiles.open(file)) {
            assertThat(checkpoint.format()).isEqualTo(CheckpointFormat.TORCH_ZIP);
            assertThat(checkpoint.topLevelKeys()).containsExactly("state_dict");
            assertThat(TestFiles.only(checkpoint).shape()).containsExactly(2, 3);
            assertThat(TestFiles.only(checkpoint).toFloats()).containsExactly(TestFiles.SIX);
        }
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
        try (Checkpoint checkpoint = TestFiles.open(file)) {
            assertThat(TestFiles.only(checkpoint).toFloats()).containsExactly(1, 2);
            assertThat(TestFiles.only(checkpoint).toBytes().getFloat(4)).isEqualTo(2);
        }
        Path odd = TestFiles.zip(
                folder, pickle.stop(), Map.of("data/0", big, "byteorder", "odd".getBytes(StandardCharsets.US_ASCII)));
        assertThatThrownBy(() -> TestFiles.open(odd)).hasMessageContaining("expected 'little' or 'big'");
    }

    @Test
    void givenFlippedByteInATensor_whenRead_thenIsRefusedByTheChecksum() throws Exception {
        Path file = TestFiles.zip(folder, TestFiles.sixFloats().stop(), "data/0", TestFiles.floats(TestFiles.SIX));
        byte[] bytes = Files.readAllBytes(file);
        int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("\0\0\u0080?");
        bytes[at]++;
        try (Checkpoint checkpoint = TestFiles.open(Files.write(file, bytes))) {
            assertThatThrownBy(() -> TestFiles.only(checkpoint).toFloats())
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
        try (Checkpoint checkpoint =
                TestFiles.open(deflated(TestFiles.sixFloats().stop(), TestFiles.floats(TestFiles.SIX)))) {
            assertThat(TestFiles.only(checkpoint).toFloats()).containsExactly(TestFiles.SIX);
        }
        Path bomb = deflated(TestFiles.sixFloats().stop(), new byte[1 << 20]);
        assertThatThrownBy(() -> TestFiles.open(bomb)).hasMessageContaining("holds 1048576 bytes");
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
        try (Checkpoint checkpoint = TestFiles.open(Files.write(file, bytes))) {
            assertThatThrownBy(() -> TestFiles.only(checkpoint).toFloats())
                    .hasMessageContaining("more than the 24 bytes");
        }
    }

    @Test
    void givenBroadcastTensorFarLargerThanTheFile_thenIsRefused() throws Exception {
        Pickled pickle = new Pickled().op('}').text("w");
        pickle.tensor("0", 1, 0, new long[] {1 << 20, 1 << 10}, new long[] {0, 0})
                .op('s');
        Path file = TestFiles.zip(folder, pickle.stop(), "data/0", TestFiles.floats(1));
        assertThatThrownBy(() -> TestFiles.open(file))
                .isInstanceOfSatisfying(CheckpointFormatException.class, e -> assertThat(e.key())
                        .contains("w"))
                .hasMessageContaining("1073741824 elements");
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
        assertThatThrownBy(() -> TestFiles.open(target)).hasMessageContaining("occurs twice");
    }

    @Test
    void zip64ArchivesAreRead() throws Exception {
        Path target = folder.resolve("wide.pth");
        try (AtomicFile file = AtomicFile.create(target)) {
            ZipWriter zip = new ZipWriter(file, 1); // every offset but the first
            zip.add("a/data.pkl", ByteBuffer.wrap(TestFiles.sixFloats().stop()));
            zip.add("a/data/0", ByteBuffer.wrap(TestFiles.floats(TestFiles.SIX)));
            zip.finish();
            file.commit();
        }
        try (Checkpoint checkpoint = TestFiles.open(target)) {
            assertThat(TestFiles.only(checkpoint).toFloats()).containsExactly(TestFiles.SIX);
        }
        try (ZipFile zip = new ZipFile(target.toFile())) {
            ZipEntry entry = zip.getEntry("a/data/0");
            CRC32 crc = new CRC32();
            crc.update(zip.getInputStream(entry).readAllBytes());
            assertThat(entry.getCrc()).isEqualTo(crc.getValue());
        }
    }
}
