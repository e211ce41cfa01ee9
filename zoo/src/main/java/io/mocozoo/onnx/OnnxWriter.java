package io.mocozoo.onnx;

import io.mocozoo.store.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes models: deterministic bytes, weights streamed one at a time, moved into place when whole.
 *
 * <p>Field numbers are those of {@code onnx.proto}, IR version 9.
 */
public final class OnnxWriter {
    /** The largest file with its weights inside; protocol buffers end at 2 GiB. */
    public static final long MAX_INLINE_BYTES = (2L << 30) - (16L << 20);

    private static final long IR_VERSION = 9;

    private OnnxWriter() {}

    /** Writes a model with its weights inside; one that is too large is an {@link IOException} naming the way out. */
    public static void write(OnnxModel model, Path target) throws IOException {
        if (model.weightBytes() > MAX_INLINE_BYTES) {
            throw new IOException(target + ": " + model.weightBytes()
                    + " bytes of weights do not fit into one ONNX file" + " of at most 2 GiB; write them beside it");
        }
        write(model, Optional.empty(), target);
    }

    /** Writes a model whose weights lie in a file beside it, which must be written too. */
    public static void write(OnnxModel model, WeightsFile weights, Path target) throws IOException {
        write(model, Optional.of(weights), target);
    }

    private static void write(OnnxModel model, Optional<WeightsFile> beside, Path target) throws IOException {
        Message beforeWeights = new Message();
        model.nodes().forEach(n -> beforeWeights.message(1, node(n)));
        beforeWeights.text(2, model.name());
        List<Message> heads = new ArrayList<>();
        long weightBytes = 0;
        for (Initializer weight : model.initializers()) {
            Message head = head(weight, beside);
            heads.add(head);
            weightBytes += head.size() + (isInside(weight, beside) ? weight.byteCount() : 0);
        }
        Message afterWeights = new Message();
        model.inputs().forEach(v -> afterWeights.message(11, valueInfo(v)));
        model.outputs().forEach(v -> afterWeights.message(12, valueInfo(v)));
        Message start = new Message()
                .number(1, IR_VERSION)
                .text(2, "mocozoo")
                .length(7, beforeWeights.size() + weightBytes + afterWeights.size());
        AtomicFile.write(target, channel -> {
            put(start, channel);
            put(beforeWeights, channel);
            for (int i = 0; i < heads.size(); i++) {
                put(heads.get(i), channel);
                if (isInside(model.initializers().get(i), beside)) {
                    WeightsFile.copy(model.initializers().get(i), channel);
                }
            }
            put(afterWeights, channel);
            put(end(model), channel);
        });
    }

    private static boolean isInside(Initializer weight, Optional<WeightsFile> beside) {
        return beside.filter(f -> f.offsets().containsKey(weight.name())).isEmpty();
    }

    private static void put(Message message, FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(message.toBytes());
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static Message end(OnnxModel model) {
        Message end = new Message();
        model.opsets()
                .forEach((domain, version) ->
                        end.message(8, new Message().text(1, domain).number(2, version)));
        model.metadata()
                .forEach((key, value) ->
                        end.message(14, new Message().text(1, key).text(2, value)));
        return end;
    }

    /** The graph's field for one weight up to its raw bytes, which follow if they are inside. */
    private static Message head(Initializer weight, Optional<WeightsFile> beside) {
        Message tensor = new Message();
        weight.dims().forEach(d -> tensor.number(1, d));
        tensor.number(2, weight.type().code()).text(8, weight.name());
        Message head = new Message();
        if (isInside(weight, beside)) {
            tensor.length(9, weight.byteCount());
            head.length(5, tensor.size() + weight.byteCount());
        } else {
            WeightsFile file = beside.orElseThrow();
            Map<String, String> place = Map.of(
                    "location", file.name(),
                    "offset", String.valueOf(file.offsets().get(weight.name())),
                    "length", String.valueOf(weight.byteCount()));
            for (String key : List.of("location", "offset", "length")) {
                tensor.message(13, new Message().text(1, key).text(2, String.valueOf(place.get(key))));
            }
            tensor.number(14, 1); // EXTERNAL
            head.length(5, tensor.size());
        }
        return head.append(tensor);
    }

    private static Message node(Node node) {
        Message message = new Message();
        for (String input : node.inputs()) {
            message.bytes(1, input.getBytes(StandardCharsets.UTF_8)); // empty names count
        }
        node.outputs().forEach(o -> message.text(2, o));
        message.text(3, node.outputs().get(0)).text(4, node.operator());
        node.attributes().forEach((name, value) -> message.message(5, attribute(name, value)));
        return message.text(7, node.domain());
    }

    private static Message attribute(String name, Attribute attribute) {
        Message message = new Message().text(1, name);
        if (attribute instanceof Attribute.Int one) {
            return message.number(3, one.value()).number(20, 2);
        } else if (attribute instanceof Attribute.Real real) {
            return message.real(2, real.value()).number(20, 1);
        } else if (attribute instanceof Attribute.Text text) {
            return message.text(4, text.value()).number(20, 3);
        } else if (attribute instanceof Attribute.Ints ints) {
            ints.values().forEach(v -> message.number(8, v));
            return message.number(20, 7);
        }
        throw new IllegalStateException("an attribute of no known kind: " + attribute);
    }

    private static Message valueInfo(ValueInfo value) {
        Message shape = new Message();
        for (String dim : value.dims()) {
            Message one = new Message();
            if (ValueInfo.isFixed(dim)) {
                one.number(1, Long.parseLong(dim));
            } else {
                one.text(2, dim);
            }
            shape.message(1, one);
        }
        Message tensor = new Message().number(1, value.elementType()).message(2, shape);
        return new Message().text(1, value.name()).message(2, new Message().message(1, tensor));
    }
}
