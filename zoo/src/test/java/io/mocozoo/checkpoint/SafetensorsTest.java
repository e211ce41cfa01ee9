package io.mocozoo.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
    @TempDir
    Path folder = Path.of("");

    private Checkpoint open(String header, int dataBytes) throws IOException {
        Path file = TestFiles.file(folder, "a.safetensors", TestFiles.safetensors(header, new byte[dataBytes]));
        return Checkpoint.open(file, ReadLimits.DEFAULT);
    }

    @Test
    void whatIsWrittenIsReadBackInItsOrder() throws Exception {
        Map<String, StoredTensor> tensors = new LinkedHashMap<>();
        tensors.put("flag", StoredTensor.ofBytes(DType.BOOL, ByteBuffer.wrap(new byte[] {1, 0, 1}), 3));
        tensors.put("w.kü中", StoredTensor.ofFloats(new float[] {1, Float.NaN, -0f, 4, 5, 6}, 2, 3));
        tensors.put("steps", StoredTensor.ofLongs(new long[] {Long.MIN_VALUE}));
        tensors.put("none", StoredTensor.ofFloats(new float[0], 0, 5));
        Path file = folder.resolve("a.safetensors");
        Safetensors.write(file, tensors, Map.of("classes", "[\"cat\",\"dog\"]", "a", "b"));
        try (Checkpoint checkpoint = Checkpoint.open(file, ReadLimits.DEFAULT)) {
            assertThat(checkpoint.format()).isEqualTo(CheckpointFormat.SAFETENSORS);
            assertThat(checkpoint.stateDict().keySet()).containsExactly("flag", "w.kü中", "steps", "none");
            assertThat(checkpoint.classes().orElseThrow()).containsExactly("cat", "dog");
            assertThat(checkpoint.metadata()).containsEntry("a", "b");
            for (Map.Entry<String, StoredTensor> entry : tensors.entrySet()) {
                StoredTensor read = TestFiles.tensor(checkpoint, entry.getKey());
                assertThat(read.dtype()).isEqualTo(entry.getValue().dtype());
                assertThat(read.shape()).isEqualTo(entry.getValue().shape());
                assertThat(read.toBytes()).isEqualTo(entry.getValue().toBytes());
            }
        }
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(file); // nothing is left beside it
        }
    }

    @Test
    void theBytesAreTheFormatsAndAlwaysTheSame() throws Exception {
        Path file = folder.resolve("a.safetensors");
        Safetensors.write(file, Map.of("w", StoredTensor.ofFloats(new float[] {1, 2}, 2)), Map.of("b", "2", "a", "1"));
        String json = "{\"__metadata__\":{\"a\":\"1\",\"b\":\"2\"},"
                + "\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";
        String padded = json + " ".repeat((8 - json.length() % 8) % 8);
        assertThat(Files.readAllBytes(file)).isEqualTo(TestFiles.safetensors(padded, TestFiles.floats(1, 2)));
    }

    @Test
    void largerElementsComeFirstSoThatAllAreAligned() throws Exception {
        Map<String, StoredTensor> tensors = new LinkedHashMap<>();
        tensors.put("b", StoredTensor.ofBytes(DType.UINT8, ByteBuffer.wrap(new byte[3]), 3));
        tensors.put("l", StoredTensor.ofLongs(new long[] {1}, 1));
        Path file = folder.resolve("a.safetensors");
        Safetensors.write(file, tensors, Map.of());
        assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
                .contains("\"b\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[8,11]}");
    }

    @Test
    void givenWriterThatFails_thenTheOldFileStays() throws Exception {
        Path file = TestFiles.file(folder, "a.safetensors", new byte[] {1});
        StoredTensor broken = new StoredTensor() {
            @Override
            public DType dtype() {
                return DType.FLOAT32;
            }

            @Override
            public int[] shape() {
                return new int[0];
            }

            @Override
            public long elementCount() {
                return 1;
            }

            @Override
            public float[] toFloats() throws IOException {
                throw new IOException("disk on fire");
            }

            @Override
            public ByteBuffer toBytes() throws IOException {
                throw new IOException("disk on fire");
            }
        };
        assertThatThrownBy(() -> Safetensors.write(file, Map.of("w", broken), Map.of()))
                .hasMessage("disk on fire");
        assertThat(Files.readAllBytes(file)).containsExactly(1);
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void givenFileShorterThanItsHeader_whenOpened_thenSaysHowManyBytesAreMissing() {
        Path file = TestFiles.file(folder, "a", new byte[] {100, 0, 0, 0, 0, 0, 0, 0, '{', '}'});
        assertThatThrownBy(() -> Checkpoint.open(file, ReadLimits.DEFAULT))
                .isInstanceOf(CheckpointFormatException.class)
                .hasMessageContaining("header of 100 bytes")
                .hasMessageContaining("2 bytes follow");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'w':{'dtype':'F8_E4M3','shape':[4],'data_offsets':[0,4]}} | 4 | F8_E4M3",
                "{'w':{'dtype':'F32','shape':[2],'data_offsets':[0,4]}} | 4 | takes 8 bytes",
                "{'w':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}} | 3 | cut short",
                "{'w':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}} | 5 | 5 follow",
                "{'w':{'dtype':'F32','shape':[1],'data_offsets':[4,0]}} | 4 | data_offsets [4, 0]",
                "{'w':{'dtype':'F32','shape':[-1],'data_offsets':[0,4]}} | 4 | 0 or more",
                "{'w':{'dtype':'F32','shape':[1],'data_offsets':[1,5]}} | 5 | begin at 1",
                "{'w':{'dtype':'F32','shape':[4294967296],'data_offsets':[0,4]}} | 4 | 4294967296",
                "{'w':{'dtype':'F32','shape':[2147483647,2147483647,2147483647],'data_offsets':[0,4]}} | 4 | 2^63",
                "{'w':{'dtype':'F32','shape':[1e0],'data_offsets':[0,4]}} | 4 | integers",
                "{'w':{'dtype':'F32','shape':[99999999999999999999],'data_offsets':[0,4]}} | 4 | malformed",
                "{'w':{'dtype':'U8','shape':[1],'data_offsets':[0,1]},'w':{'dtype':'U8','shape':[1],'data_offsets':[0,1]}} | 1 | Duplicate",
                "{'v':{'dtype':'U8','shape':[1],'data_offsets':[0,1]},'w':{'dtype':'U8','shape':[1],'data_offsets':[0,1]}} | 1 | begin at 0",
                "{'w':{'dtype':'U8','shape':[1],'data_offsets':[0,1],'x':1}} | 1 | unknown field 'x'",
                "{'w':{'dtype':'U8','shape':[1]}} | 1 | expected dtype",
                "{'w':[]} | 0 | an object",
                "{'w':{'dtype':[[[[[[[[[[1]]]]]]]]]]}} | 0 | string",
                "{'__metadata__':{'a':1},'w':{'dtype':'U8','shape':[1],'data_offsets':[0,1]}} | 1 | strings",
                "{'w' | 0 | malformed",
                "{}x | 0 | malformed",
                "{} | 0 | found none",
            })
    void malformedHeadersAreRefused(String header, int dataBytes, String message) {
        assertThatThrownBy(() -> open(header.replace('\'', '"'), dataBytes))
                .isInstanceOf(CheckpointFormatException.class)
                .hasMessageStartingWith("a.safetensors")
                .hasMessageContaining(message);
    }

    @Test
    void headersInOtherEncodingsAreRefused() {
        for (Charset charset : List.of(StandardCharsets.ISO_8859_1, StandardCharsets.UTF_16LE)) {
            byte[] json = "{\"ü\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}".getBytes(charset);
            ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + 1);
            bytes.put(TestFiles.little(json.length)).put(json);
            Path file = TestFiles.file(folder, "a", bytes.array());
            assertThatThrownBy(() -> Checkpoint.open(file, ReadLimits.DEFAULT))
                    .isInstanceOf(CheckpointFormatException.class);
        }
    }

    @Test
    void headersAndTensorsAreLimited() {
        ReadLimits limits = new ReadLimits(1, 1, 1, 1, 1, 1, 1, 1, 300, 1);
        String two = "{\"v\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
                + "\"w\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}";
        Path file = TestFiles.file(folder, "a", TestFiles.safetensors(two, new byte[2]));
        assertThatThrownBy(() -> Checkpoint.open(file, limits)).hasMessageContaining("more than 1 tensors");
        Path wide = TestFiles.file(folder, "b", TestFiles.safetensors(two + " ".repeat(300), new byte[2]));
        assertThatThrownBy(() -> Checkpoint.open(wide, limits)).hasMessageContaining("expected at most 300");
    }
}
