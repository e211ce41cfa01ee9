package io.mocozoo.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Safetensors: a JSON header and the tensors, row-major and little-endian, without gaps.
 *
 * <pre>
 * header length 8 | {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, ...} | spaces | data
 * </pre>
 *
 * @see <a href="https://huggingface.co/docs/safetensors/index#format">Safetensors: format</a>
 */
final class SafetensorsReader {
    private static final int LENGTH_BYTES = 8;
    private static final int MOST_DIMENSIONS = 64;
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(8).build())
            .build();
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final FileBytes file;
    private final Where where;
    private final ReadLimits limits;
    private final Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    private final List<Range> ranges = new ArrayList<>();
    private Map<String, String> metadata = Map.of();
    private long dataAt;

    /** The bytes of one tensor, counted from the beginning of the data. */
    private record Range(String key, long begin, long end) {}

    SafetensorsReader(FileBytes file, Where where, ReadLimits limits) {
        this.file = file;
        this.where = where;
        this.limits = limits;
    }

    Contents read() throws IOException {
        ByteBuffer header = header();
        Where here = where.in("header of " + header.remaining() + " bytes");
        // Decoded here, since the parser would take other encodings, too.
        try (JsonParser json = JSON.createParser(
                StandardCharsets.UTF_8.newDecoder().decode(header).toString())) {
            readHeader(json, here);
        } catch (CharacterCodingException e) {
            throw here.problem("not UTF-8; the file is damaged, fetch it again");
        } catch (JsonProcessingException e) {
            throw here.problem("malformed JSON: " + Where.clip(String.valueOf(e.getOriginalMessage()))
                    + "; the file is damaged, fetch it again");
        }
        checkRanges();
        Map<String, StoredTensor> stateDict = new LinkedHashMap<>();
        for (Map.Entry<String, StoredTensor> entry : tensors.entrySet()) {
            if (stateDict.put(Prefixes.withoutModule(entry.getKey()), entry.getValue()) != null) {
                throw where.of(entry.getKey()).problem("the key occurs with and without 'module.' in front");
            }
        }
        if (stateDict.isEmpty()) {
            throw where.problem("no state_dict: expected tensors, found none. Save model.state_dict()");
        }
        return new Contents(
                CheckpointFormat.SAFETENSORS,
                Collections.unmodifiableMap(stateDict),
                Optional.empty(),
                classes(),
                Collections.unmodifiableMap(metadata),
                List.copyOf(tensors.keySet()),
                new ArrayList<>());
    }

    private ByteBuffer header() throws CheckpointFormatException {
        long follow = file.size() - LENGTH_BYTES;
        long length = file.slice(0, LENGTH_BYTES).getLong(0);
        if (length < 0 || length > follow) {
            throw where.problem("a header of " + Long.toUnsignedString(length) + " bytes is announced, " + follow
                    + " bytes follow; the file is cut short, fetch it again");
        }
        if (length > limits.headerBytes()) {
            throw where.problem("a header of " + length + " bytes; expected at most " + limits.headerBytes()
                    + ". Raise ReadLimits.headerBytes if the file is trusted");
        }
        dataAt = LENGTH_BYTES + length;
        return file.slice(LENGTH_BYTES, (int) length);
    }

    private void readHeader(JsonParser json, Where here) throws IOException {
        expect(json.nextToken() == JsonToken.START_OBJECT, here, "an object");
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            json.nextToken();
            if (name.equals("__metadata__")) {
                metadata = readMetadata(json, here);
            } else if (tensors.size() == limits.tensors()) {
                throw here.problem(
                        "more than " + limits.tensors() + " tensors; raise ReadLimits.tensors if the file is trusted");
            } else {
                tensors.put(name, readTensor(json, name, here.of(name)));
            }
        }
        expect(json.nextToken() == null, here, "nothing but spaces behind the object");
    }

    private static Map<String, String> readMetadata(JsonParser json, Where here) throws IOException {
        Map<String, String> read = new LinkedHashMap<>();
        expect(json.currentToken() == JsonToken.START_OBJECT, here, "__metadata__ to be an object");
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            expect(json.nextToken() == JsonToken.VALUE_STRING, here, "__metadata__ to hold strings");
            read.put(name, json.getText());
        }
        return read;
    }

    private StoredTensor readTensor(JsonParser json, String name, Where here) throws IOException {
        @Nullable DType dtype = null;
        long @Nullable [] shape = null;
        long @Nullable [] offsets = null;
        expect(json.currentToken() == JsonToken.START_OBJECT, here, "an object");
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String field = json.currentName();
            json.nextToken();
            switch (field) {
                case "dtype" -> dtype = dtype(json, here);
                case "shape" -> shape = numbers(json, here);
                case "data_offsets" -> offsets = numbers(json, here);
                default ->
                    throw here.problem(
                            "unknown field '" + Where.clip(field) + "'; expected dtype, shape and data_offsets");
            }
        }
        if (dtype == null || shape == null || offsets == null || offsets.length != 2) {
            throw here.problem("expected dtype, shape and two data_offsets; the file is damaged, fetch it again");
        }
        return tensor(dtype, shape, new Range(name, offsets[0], offsets[1]), here);
    }

    private StoredTensor tensor(DType dtype, long[] sizes, Range range, Where here) throws CheckpointFormatException {
        int[] shape = new int[sizes.length];
        for (int d = 0; d < shape.length; d++) {
            if (sizes[d] > Integer.MAX_VALUE) {
                throw here.problem("a size of " + sizes[d] + "; expected at most " + Integer.MAX_VALUE);
            }
            shape[d] = (int) sizes[d];
        }
        long dataBytes = file.size() - dataAt;
        if (range.begin() > range.end() || range.end() > dataBytes) {
            throw here.problem("data_offsets [" + range.begin() + ", " + range.end() + "]; " + dataBytes
                    + " bytes of data follow the header. The file is cut short, fetch it again");
        }
        try {
            long bytes = Math.multiplyExact(Shapes.elementCount(shape), (long) dtype.bytes());
            if (bytes != range.end() - range.begin() || Shapes.elementCount(shape) > limits.elements()) {
                throw here.problem("its shape takes " + bytes + " bytes, its data_offsets hold "
                        + (range.end() - range.begin()) + "; expected the same, and at most " + limits.elements()
                        + " elements. The file is damaged, fetch it again");
            }
            ranges.add(range);
            ByteRegion region = file.region(dataAt + range.begin(), bytes);
            Storage storage =
                    new Storage(range.key(), dtype, bytes / dtype.bytes(), ByteOrder.LITTLE_ENDIAN, () -> region);
            return new StridedTensor(storage, 0, shape, Shapes.rowMajor(shape));
        } catch (ArithmeticException e) {
            throw here.problem("its shape takes more than 2^63 bytes; the file is damaged, fetch it again");
        }
    }

    /** The format allows neither gaps nor overlaps, so that a file has one reading and no hidden parts. */
    private void checkRanges() throws CheckpointFormatException {
        ranges.sort(Comparator.comparingLong(Range::begin).thenComparingLong(Range::end));
        long at = 0;
        for (Range range : ranges) {
            if (range.begin() != at) {
                throw where.of(range.key())
                        .problem("its data begin at " + range.begin() + "; expected " + at
                                + ", where the one before ends. The file is damaged, fetch it again");
            }
            at = range.end();
        }
        if (at != file.size() - dataAt) {
            throw where.problem("the tensors take " + at + " bytes of data, " + (file.size() - dataAt)
                    + " follow the header; the file is damaged, fetch it again");
        }
    }

    private static DType dtype(JsonParser json, Where here) throws IOException {
        expect(json.currentToken() == JsonToken.VALUE_STRING, here, "dtype to be a string");
        String name = json.getText();
        return Safetensors.dtype(name)
                .orElseThrow(() -> here.problem("dtype " + Where.clip(name) + " is not supported; expected one of "
                        + Safetensors.dtypes() + ". Convert the tensor first"));
    }

    private static long[] numbers(JsonParser json, Where here) throws IOException {
        expect(json.currentToken() == JsonToken.START_ARRAY, here, "an array of integers");
        long[] numbers = new long[MOST_DIMENSIONS];
        int count = 0;
        while (json.nextToken() != JsonToken.END_ARRAY) {
            expect(json.currentToken() == JsonToken.VALUE_NUMBER_INT, here, "an array of integers");
            expect(count < MOST_DIMENSIONS, here, "at most " + MOST_DIMENSIONS + " dimensions");
            long number = json.getLongValue();
            expect(number >= 0, here, "sizes and offsets of 0 or more");
            numbers[count++] = number;
        }
        return Arrays.copyOf(numbers, count);
    }

    private static void expect(boolean met, Where here, String what) throws CheckpointFormatException {
        if (!met) {
            throw here.problem("expected " + what + " in the JSON header; the file is damaged, fetch it again");
        }
    }

    /** The metadata entry "classes", if it is a JSON array of strings. */
    private Optional<List<String>> classes() {
        @Nullable String json = metadata.get("classes");
        if (json == null) {
            return Optional.empty();
        }
        try {
            JsonNode array = MAPPER.readTree(json);
            List<String> classes = new ArrayList<>();
            for (JsonNode name : array) {
                classes.add(name.asText());
            }
            return array.isArray() && !classes.isEmpty() ? Optional.of(List.copyOf(classes)) : Optional.empty();
        } catch (JsonProcessingException e) {
            return Optional.empty(); // somebody else's entry of the same name
        }
    }
}
