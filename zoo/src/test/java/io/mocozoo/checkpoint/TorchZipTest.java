package io.mocozoo.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorchZipTest {
    @TempDir
    Path folder = Path.of("");

    @Test
    void everyTypeIsReadBack() throws Exception {
        Map<String, StoredTensor> tensors = new LinkedHashMap<>();
        for (DType dtype : DType.values()) {
            byte[] bytes = new byte[6 * dtype.bytes()];
            Arrays.fill(bytes, (byte) 1);
            tensors.put("ü." + dtype.torchName(), StoredTensor.ofBytes(dtype, ByteBuffer.wrap(bytes), 2, 1, 3));
        }
        tensors.put("scalar", StoredTensor.ofLongs(new long[] {7}));
        tensors.put("empty", StoredTensor.ofFloats(new float[0], 0, 4));
        Path file = folder.resolve("a.pth");
        TorchZip.write(file, tensors);
        try (Checkpoint checkpoint = Checkpoint.open(file, ReadLimits.DEFAULT)) {
            assertThat(checkpoint.stateDict().keySet()).containsExactlyElementsOf(tensors.keySet());
            assertThat(checkpoint.warnings()).isEmpty();
            for (Map.Entry<String, StoredTensor> entry : tensors.entrySet()) {
                StoredTensor read = TestFiles.tensor(checkpoint, entry.getKey());
                assertThat(read.dtype()).isEqualTo(entry.getValue().dtype());
                assertThat(read.shape()).isEqualTo(entry.getValue().shape());
                assertThat(read.toBytes()).isEqualTo(entry.getValue().toBytes());
            }
        }
    }

    /** These bytes were loaded once by torch 2.15 with weights_only=True. */
    @Test
    void theBytesAreThoseThatTorchReads() throws Exception {
        Path file = folder.resolve("a.pth");
        TorchZip.write(file, Map.of("w", StoredTensor.ofFloats(new float[] {1, 2, 3, 4, 5, 6}, 2, 3)));
        byte[] bytes = Files.readAllBytes(file);
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        String pickle = "\u0080\2ccollections\nOrderedDict\n)R(X\1\0\0\0wctorch._utils\n_rebuild_tensor_v2\n"
                + "((X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0" + "0X\3\0\0\0cpuJ\6\0\0\0tQJ\0\0\0\0"
                + "(J\2\0\0\0J\3\0\0\0t(J\3\0\0\0J\1\0\0\0t\u0089ccollections\nOrderedDict\n)RtRu.";
        assertThat(text.indexOf(pickle)).isEqualTo(64);
        assertThat(text.indexOf("\0\0\u0080?\0\0\0@") % 64).isZero();
        try (ZipFile zip = new ZipFile(file.toFile())) {
            assertThat(Collections.list(zip.entries()).stream().map(ZipEntry::getName))
                    .containsExactly("archive/data.pkl", "archive/byteorder", "archive/data/0", "archive/version");
            assertThat(zip.getInputStream(zip.getEntry("archive/version")).readAllBytes())
                    .containsExactly('3', '\n');
        }
        Path again = folder.resolve("b.pth");
        TorchZip.write(again, Map.of("w", StoredTensor.ofFloats(new float[] {1, 2, 3, 4, 5, 6}, 2, 3)));
        assertThat(Files.readAllBytes(again)).isEqualTo(bytes);
    }

    @Test
    void moreEntriesThanAPlainArchiveHoldsMakeItZip64() throws Exception {
        Map<String, StoredTensor> tensors = new LinkedHashMap<>();
        for (int i = 0; i < 66_000; i++) {
            tensors.put("k" + i, StoredTensor.ofFloats(new float[] {i}, 1));
        }
        Path file = folder.resolve("a.pth");
        TorchZip.write(file, tensors);
        try (Checkpoint checkpoint = Checkpoint.open(file, ReadLimits.DEFAULT);
                ZipFile zip = new ZipFile(file.toFile())) {
            assertThat(zip.size()).isEqualTo(66_003);
            assertThat(TestFiles.tensor(checkpoint, "k65999").toFloats()).containsExactly(65_999);
        }
    }
}
