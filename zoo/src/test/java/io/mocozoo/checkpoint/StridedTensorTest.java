package io.mocozoo.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StridedTensorTest {
    private static final int BYTES = 100_000; // mapped
    private static final int FEW_BYTES = 50_000; // read: a map for each 7 bytes would exhaust what a process may map

    @TempDir
    Path folder = Path.of("");

    static LongStream seeds() {
        return LongStream.range(0, 200);
    }

    /** Reads through segments far smaller than a tensor, against the definition of a strided tensor. */
    @ParameterizedTest
    @MethodSource("seeds")
    void elementsLieWhereTheirStridesSay(long seed) throws Exception {
        Random random = new Random(seed);
        long segment = new long[] {7, 64, 1000, 1 << 20}[random.nextInt(4)];
        byte[] content = new byte[segment < 1000 ? FEW_BYTES : BYTES];
        random.nextBytes(content);
        Path file = Files.write(folder.resolve("a"), content);
        FileBytes bytes = FileBytes.open(file, segment);
        DType dtype = List.of(DType.values()).get(random.nextInt(DType.values().length));
        ByteOrder order = random.nextInt(4) == 0 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        int start = random.nextInt(10);
        int elements = (content.length - start) / dtype.bytes();
        ByteRegion region = bytes.region(start, (long) elements * dtype.bytes());
        Storage storage = new Storage("0", dtype, elements, order, () -> region);
        int rank = random.nextInt(4);
        int[] shape = new int[rank];
        for (int d = 0; d < rank; d++) {
            shape[d] = random.nextInt(6);
        }
        long[] strides = Shapes.rowMajor(shape);
        if (random.nextBoolean()) {
            for (int d = 0; d < rank; d++) {
                strides[d] = random.nextInt(300);
            }
        }
        int offset = random.nextInt(100);
        StridedTensor tensor = new StridedTensor(storage, offset, shape, strides);

        ByteBuffer stored = ByteBuffer.wrap(content).order(order);
        ByteBuffer read = tensor.toBytes();
        float[] floats = tensor.toFloats();
        assertThat(read.order()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
        assertThat(read.remaining()).isEqualTo((int) tensor.elementCount() * dtype.bytes());
        for (int i = 0; i < tensor.elementCount(); i++) {
            long at = offset;
            long rest = i;
            for (int d = rank - 1; d >= 0; d--) {
                at += rest % shape[d] * strides[d];
                rest /= shape[d];
            }
            int byteAt = start + (int) at * dtype.bytes();
            assertThat(element(dtype, read, i * dtype.bytes()))
                    .as("seed %d", seed)
                    .isEqualTo(element(dtype, stored, byteAt));
            assertThat(floats[i]).as("seed %d", seed).isEqualTo(Float.valueOf((float) value(dtype, stored, byteAt)));
        }
        bytes.close();
    }

    private static long element(DType dtype, ByteBuffer bytes, int at) {
        return switch (dtype.bytes()) {
            case 8 -> bytes.getLong(at);
            case 4 -> bytes.getInt(at);
            case 2 -> bytes.getShort(at);
            default -> bytes.get(at);
        };
    }

    private static double value(DType dtype, ByteBuffer bytes, int at) {
        return switch (dtype) {
            case FLOAT64 -> bytes.getDouble(at);
            case FLOAT32 -> bytes.getFloat(at);
            case FLOAT16 -> Half.toFloat(bytes.getShort(at));
            case BFLOAT16 -> Half.bfloat16ToFloat(bytes.getShort(at));
            case INT64 -> (float) bytes.getLong(at);
            case INT32 -> (float) bytes.getInt(at);
            case INT16 -> bytes.getShort(at);
            case INT8 -> bytes.get(at);
            case UINT8 -> bytes.get(at) & 0xff;
            case BOOL -> bytes.get(at) == 0 ? 0 : 1;
        };
    }

    @Test
    void givenMoreElementsThanAnArrayHolds_thenSaysSo() {
        Storage storage = new Storage("0", DType.UINT8, 1, ByteOrder.LITTLE_ENDIAN, null);
        StridedTensor tensor = new StridedTensor(storage, 0, new int[] {1 << 16, 1 << 16}, new long[2]);
        assertThatThrownBy(tensor::toFloats)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("4294967296");
        assertThatThrownBy(tensor::toBytes).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void contiguousTensorsAreViewsOfTheMap() throws Exception {
        Path file = Files.write(folder.resolve("a"), new byte[BYTES]);
        FileBytes bytes = FileBytes.open(file);
        ByteRegion region = bytes.region(0, BYTES);
        Storage storage = new Storage("0", DType.FLOAT32, BYTES / 4, ByteOrder.LITTLE_ENDIAN, () -> region);
        assertThat(new StridedTensor(storage, 1, new int[] {5, 1, 2}, new long[] {2, 77, 1})
                        .toBytes()
                        .isDirect())
                .isTrue();
        bytes.close();
    }
}
