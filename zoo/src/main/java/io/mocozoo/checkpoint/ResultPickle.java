package io.mocozoo.checkpoint;

import io.mocozoo.checkpoint.PickleValues.PyDict;
import io.mocozoo.checkpoint.PickleValues.PyList;
import io.mocozoo.checkpoint.PickleValues.PyTuple;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What mmpretrain's {@code tools/test.py --out results.pkl} leaves: a plain pickle of a list with a dict for each image.
 * Mapped into memory until closed; scores are read when they are asked for. Nothing in the file is ever called.
 *
 * <pre>
 * [ { "pred_score": tensor [classes], "gt_label": tensor [1], "img_path": text, others }, ... ]
 * </pre>
 */
public final class ResultPickle implements AutoCloseable {
    private static final int MOST_CLASSES = 1 << 20;

    /** An image takes some 150 instructions and three tensors: 130,000 images. */
    private static final int MOST_INSTRUCTIONS = 20_000_000;

    private final FileBytes bytes;
    private final List<Sample> samples;

    private ResultPickle(FileBytes bytes, List<Sample> samples) {
        this.bytes = bytes;
        this.samples = List.copyOf(samples);
    }

    /**
     * What is said of an image.
     *
     * @param path {@code img_path}; empty if the file does not say
     * @param label {@code gt_label}, if the file says it
     * @param scores {@code pred_score}, [classes], of any floating type
     */
    public record Sample(String path, OptionalInt label, StoredTensor scores) {}

    /**
     * Opens a file of results.
     *
     * @return the results; owned by the caller, who closes them
     * @throws CheckpointFormatException if it is no such file, or a damaged or hostile one; names the place
     */
    public static ResultPickle open(Path file) throws IOException {
        Where where = new Where(file);
        FileBytes bytes = FileBytes.open(file, Integer.MAX_VALUE);
        boolean opened = false;
        try {
            if (bytes.size() > Integer.MAX_VALUE - 8) {
                throw where.problem(
                        "a pickle of " + bytes.size() + " bytes; expected at most 2 GiB. Scores that are views"
                                + " of their batch are written whole with each image: move them to their own memory, or write"
                                + " an .npy of them");
            }
            ReadLimits limits = limits(bytes.size());
            PickleMachine machine = new PickleMachine(
                    bytes.slice(0, (int) bytes.size()), new ResultObjects(limits, bytes.size()), where, limits, 0);
            List<Sample> samples = samples(machine.run(), where);
            opened = true;
            return new ResultPickle(bytes, samples);
        } finally {
            if (!opened) {
                bytes.close();
            }
        }
    }

    /** An instruction is a byte at least: a small file is not granted much memory. */
    private static ReadLimits limits(long fileBytes) {
        int instructions = (int) Math.min(MOST_INSTRUCTIONS, fileBytes + 1);
        return new ReadLimits(
                Integer.MAX_VALUE, instructions, 500_000, 512 << 20, 1024, 1_000_000, MOST_CLASSES, 1, 1, 1);
    }

    private static List<Sample> samples(Object root, Where where) throws CheckpointFormatException {
        if (!(root instanceof PyList list)) {
            throw where.problem("expected a list with a dict for each image, found " + PickleValues.describe(root)
                    + "; mmpretrain's tools/test.py --out writes one");
        }
        List<Sample> samples = new ArrayList<>();
        for (Object item : list.items()) {
            Where here = where.in("image " + samples.size());
            if (!(item instanceof PyDict dict)) {
                throw here.problem("expected a dict, found " + PickleValues.describe(item));
            }
            samples.add(sample(dict.named(), here));
        }
        return samples;
    }

    private static Sample sample(Map<String, Object> values, Where where) throws CheckpointFormatException {
        @Nullable Object scores = values.get("pred_score");
        if (scores == null) {
            throw where.problem("expected 'pred_score', found the keys "
                    + values.keySet().stream().limit(20).map(Where::clip).toList());
        }
        if (!(scores instanceof StridedTensor tensor)
                || tensor.shape().length != 1
                || tensor.elementCount() < 1
                || tensor.elementCount() > tensor.storage().elementCount()
                || !isFloating(tensor.dtype())) {
            throw where.problem("expected a tensor of floats [classes] as 'pred_score', found "
                    + PickleValues.describe(scores) + " of another kind");
        }
        return new Sample(
                values.get("img_path") instanceof String path ? path : "",
                label(values.get("gt_label"), where),
                tensor);
    }

    private static boolean isFloating(DType dtype) {
        return dtype == DType.FLOAT32 || dtype == DType.FLOAT64 || dtype == DType.FLOAT16 || dtype == DType.BFLOAT16;
    }

    /** A number, or one number in a list or tensor. */
    private static OptionalInt label(@Nullable Object value, Where where) throws CheckpointFormatException {
        Object label = value;
        if (label instanceof PyList list && list.items().size() == 1) {
            label = list.items().get(0);
        } else if (label instanceof PyTuple tuple && tuple.size() == 1) {
            label = tuple.get(0);
        } else if (label instanceof StridedTensor tensor
                && tensor.elementCount() == 1
                && tensor.dtype() == DType.INT64) {
            label = read(tensor, where);
        }
        if (label == null || label == PickleValues.None.NONE) {
            return OptionalInt.empty();
        }
        if (label instanceof Long number && number >= 0 && number <= Integer.MAX_VALUE) {
            return OptionalInt.of(number.intValue());
        }
        throw where.problem("expected one class as 'gt_label', found " + PickleValues.describe(label)
                + (label instanceof StridedTensor tensor
                        ? " of " + tensor.elementCount() + " " + tensor.dtype().torchName()
                        : "")
                + "; results with several labels are not read, name a file of labels (--labels)");
    }

    private static Long read(StridedTensor tensor, Where where) throws CheckpointFormatException {
        try {
            return tensor.toBytes().getLong(0);
        } catch (CheckpointFormatException e) {
            throw e;
        } catch (IOException e) {
            throw where.problem(String.valueOf(e.getMessage()));
        }
    }

    /** In the order of the file, unmodifiable. */
    public List<Sample> samples() {
        return samples;
    }

    /** Lets go of the file; scores can no longer be read. Harmless when repeated. */
    @Override
    public void close() {
        bytes.close();
    }
}
