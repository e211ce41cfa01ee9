package io.mocozoo.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpyRowsTest {
    @TempDir
    Path folder;

    /** A header alone; what follows is up to the caller. */
    private static byte[] header(String descr, int rows, int width) {
        String text = "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (" + rows + ", " + width + "), }";
        ByteBuffer header = ByteBuffer.allocate(128).order(ByteOrder.LITTLE_ENDIAN);
        header.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0}).putShort((short) 118);
        header.put(text.getBytes(StandardCharsets.US_ASCII));
        byte[] bytes = header.array();
        Arrays.fill(bytes, header.position(), 127, (byte) ' ');
        bytes[127] = '\n';
        return bytes;
    }

    @Test
    void rowsAreThoseOfTheWholeArray() throws Exception {
        int rows = 700;
        int width = 1000; // more than one buffer
        float[] values = new float[rows * width];
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble();
        }
        Path file = folder.resolve("a.npy");
        Npy.write(file, new int[] {rows, width}, values);
        try (NpyRows array = NpyRows.open(file)) {
            assertThat(array.count()).isEqualTo(rows);
            assertThat(array.width()).isEqualTo(width);
            float[] some = new float[1 + 600 * width];
            array.read(37, 600, some, 1);
            assertThat(Arrays.copyOfRange(some, 1, some.length))
                    .isEqualTo(Arrays.copyOfRange(values, 37 * width, 637 * width));
            array.read(rows, 0, some, 0);
            assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> array.read(699, 2, some, 0));
            assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> array.read(0, 601, some, 0));
        }
    }

    @Test
    void otherTypesBecomeFloats() throws Exception {
        Path file = folder.resolve("a.npy");
        ByteBuffer bytes = ByteBuffer.allocate(128 + 12).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(header("<f2", 3, 2));
        for (int half : new int[] {0x3c00, 0x4000, 0x4200, 0x4400, 0x4500, 0x4600}) {
            bytes.putShort((short) half);
        }
        Files.write(file, bytes.array());
        try (NpyRows array = NpyRows.open(file)) {
            float[] two = new float[4];
            array.read(1, 2, two, 0);
            assertThat(two).containsExactly(3, 4, 5, 6);
        }
    }

    /** Most of the file is a hole, which takes no room on the disk. */
    @Test
    void rowsBeyondTwoGibibytesAreRead() throws Exception {
        int rows = 1_281_167;
        int width = 2048; // ImageNet's training images by a ResNet-50: 10.5 GB
        Path file = folder.resolve("large.npy");
        try (RandomAccessFile large = new RandomAccessFile(file.toFile(), "rw")) {
            large.write(header("<f4", rows, width));
            large.setLength(128 + 4L * rows * width);
            large.seek(128 + 4L * width * (rows - 1));
            large.write(new byte[] {0, 0, (byte) 0x80, 0x3f}); // 1
            large.seek(128 + 4L * width * 600_000 - 4);
            large.write(new byte[] {0, 0, 0, 0x40}); // 2, the last of row 599,999
        }
        try (NpyRows array = NpyRows.open(file)) {
            float[] row = new float[2 * width];
            array.read(rows - 2, 2, row, 0);
            assertThat(row[width - 1]).isZero();
            assertThat(row[width]).isEqualTo(1);
            array.read(599_999, 2, row, 0);
            assertThat(row[width - 1]).isEqualTo(2);
            assertThat(row[width]).isZero();
        }
        assertThatThrownBy(() -> Npy.read(file))
                .isInstanceOf(CheckpointFormatException.class)
                .hasMessageContaining("10495320064 bytes of data; expected at most 2147483639 (2 GiB)")
                .hasMessageContaining("mmap_mode")
                .hasMessageNotContaining("damaged");
        Files.delete(file);
    }

    @Test
    void givenAFileThatShrinks_whenRead_thenSaysSo() throws Exception {
        Path file = folder.resolve("a.npy");
        Npy.write(file, new int[] {2, 2}, new float[4]);
        try (NpyRows array = NpyRows.open(file)) {
            try (RandomAccessFile other = new RandomAccessFile(file.toFile(), "rw")) {
                other.setLength(Files.size(file) - 1);
            }
            assertThatThrownBy(() -> array.read(1, 1, new float[2], 0))
                    .isInstanceOf(CheckpointFormatException.class)
                    .hasMessageContaining("was longer when it was opened");
        }
    }

    @Test
    void otherRanksAndOtherFilesAreRefused() throws Exception {
        Path flat = folder.resolve("flat.npy");
        Npy.write(flat, new int[] {4}, new float[4]);
        assertThatThrownBy(() -> NpyRows.open(flat)).hasMessageContaining("shape [n, width], found [4]");
        Path none = Files.writeString(folder.resolve("none.npy"), "no array, but long enough");
        assertThatThrownBy(() -> NpyRows.open(none)).hasMessageContaining("0x93 NUMPY");
    }
}
