package io.mocozoo.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NpyTest {
    @TempDir
    Path folder = Path.of("");

    private byte[] npy(int version, String header, int dataBytes) {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer out = ByteBuffer.allocate(12 + text.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        out.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', (byte) version, 0});
        if (version == 1) {
            out.putShort((short) text.length);
        } else {
            out.putInt(text.length);
        }
        out.put(text);
        return Arrays.copyOf(out.array(), out.position() + dataBytes);
    }

    @Test
    void writesWhatNumpyWrites() throws Exception {
        Path file = folder.resolve("a.npy");
        Npy.write(file, new int[] {2, 3}, new float[] {1, 2, 3, 4, 5, 6});
        byte[] bytes = Files.readAllBytes(file);
        // numpy.save of the same array, in the header's words and padding
        String header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
        String padded = header + " ".repeat(128 - 10 - 1 - header.length()) + "\n";
        assertThat(new String(bytes, 10, 118, StandardCharsets.US_ASCII)).isEqualTo(padded);
        assertThat(Arrays.copyOfRange(bytes, 128, bytes.length)).isEqualTo(TestFiles.floats(1, 2, 3, 4, 5, 6));
    }

    @Test
    void readsBackEveryTypeAndShape() throws Exception {
        Path file = folder.resolve("a.npy");
        SplittableRandom random = new SplittableRandom(1);
        for (int[] shape : new int[][] {{}, {1}, {0}, {3, 0}, {2, 3, 4}}) {
            for (DType dtype : DType.values()) {
                if (dtype != DType.BFLOAT16) {
                    byte[] bytes = new byte[(int) Shapes.elementCount(shape) * dtype.bytes()];
                    random.nextBytes(bytes);
                    if (dtype == DType.BOOL) {
                        for (int i = 0; i < bytes.length; i++) {
                            bytes[i] &= 1;
                        }
                    }
                    StoredTensor written = StoredTensor.ofBytes(dtype, ByteBuffer.wrap(bytes), shape);
                    Npy.write(file, written);
                    Npy.Array array = Npy.read(file);
                    assertThat(array.dtype()).isEqualTo(dtype);
                    assertThat(array.shape()).isEqualTo(shape);
                    assertThat(array.toFloats()).as("%s", dtype).isEqualTo(written.toFloats());
                    byte[] all = Files.readAllBytes(file);
                    assertThat(Arrays.copyOfRange(all, all.length - bytes.length, all.length))
                            .isEqualTo(bytes);
                }
            }
        }
        Npy.write(file, new int[] {1}, new long[] {-5});
        assertThat(Npy.read(file).toLongs()).containsExactly(-5);
        Npy.write(file, new int[] {2}, new byte[] {1, (byte) 200});
        assertThat(Npy.read(file).toFloats()).containsExactly(1, 200);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Npy.write(file, StoredTensor.ofBytes(DType.BFLOAT16, ByteBuffer.allocate(2), 1)));
    }

    @Test
    void readsVersionTwo() throws Exception {
        Path file = TestFiles.file(
                folder, "a.npy", npy(2, "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }\n", 8));
        assertThat(Npy.read(file).toDoubles()).containsExactly(0);
    }

    @Test
    void rowsAreStreamed() throws Exception {
        Path file = folder.resolve("rows.npy");
        int rows = 40_000;
        try (Npy.Writer writer = new Npy.Writer(file, 3)) {
            for (int i = 0; i < rows; i++) {
                writer.append(new float[] {i, i + 0.5f, -i});
            }
            assertThat(Files.exists(file)).isFalse();
            writer.finish();
        }
        Npy.Array array = Npy.read(file);
        assertThat(array.shape()).containsExactly(rows, 3);
        assertThat(Arrays.copyOfRange(array.toFloats(), 3 * rows - 3, 3 * rows))
                .containsExactly(39_999, 39_999.5f, -39_999);
    }

    @Test
    void givenRowsThatAreNotFinished_whenClosed_thenNothingIsLeft() throws Exception {
        try (Npy.Writer writer = new Npy.Writer(folder.resolve("rows.npy"), 2)) {
            writer.append(new float[2]);
            assertThatIllegalArgumentException().isThrownBy(() -> writer.append(new float[3]));
        }
        try (var files = Files.list(folder)) {
            assertThat(files).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'descr': '>f4', 'fortran_order': False, 'shape': (1,), } | 4 | '>f4' are not supported",
                "{'descr': 'O', 'fortran_order': False, 'shape': (1,), } | 4 | 'O' are not supported",
                "{'descr': '<f4', 'fortran_order': True, 'shape': (1, 1), } | 4 | Fortran order",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), } | 4 | announces 8 bytes",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999,), } | 4 | is no size",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2147483647, 2147483647, 2147483647), } | 4 | 2^63",
                "{} | 4 | in the header",
            })
    void otherArraysAreRefused(String header, int dataBytes, String message) {
        Path file = TestFiles.file(folder, "a.npy", npy(1, header, dataBytes));
        assertThatThrownBy(() -> Npy.read(file))
                .isInstanceOf(CheckpointFormatException.class)
                .hasMessageStartingWith("a.npy")
                .hasMessageContaining(message);
    }

    @Test
    void givenFileCutAnywhere_thenIsRefused() throws Exception {
        Path file = folder.resolve("a.npy");
        Npy.write(file, new int[] {2}, new float[2]);
        byte[] bytes = Files.readAllBytes(file);
        for (int length = 0; length < bytes.length; length++) {
            Path cut = TestFiles.file(folder, "cut.npy", Arrays.copyOf(bytes, length));
            assertThatThrownBy(() -> Npy.read(cut)).isInstanceOf(CheckpointFormatException.class);
        }
    }
}
