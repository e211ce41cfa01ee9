package io.mocozoo.checkpoint;

import io.mocozoo.checkpoint.PickleValues.Inert;
import io.mocozoo.checkpoint.PickleValues.PyDict;
import io.mocozoo.checkpoint.PickleValues.PyList;
import io.mocozoo.checkpoint.PickleValues.PyTuple;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds state dict, classes and metadata in the object that torch.save was given. */
final class TorchContents {
    private static final int METADATA_CHARACTERS = 256;
    private static final int NAMED_KEYS = 10;

    private final CheckpointFormat format;
    private final Where where;
    private final long bytesAllowed;
    private final List<String> warnings;
    private long bytesTaken;

    TorchContents(CheckpointFormat format, Where where, long fileBytes, ReadLimits limits, List<String> warnings) {
        this.format = format;
        this.where = where;
        this.bytesAllowed = limits.expandedBytes(fileBytes);
        this.warnings = new ArrayList<>(warnings);
    }

    Contents of(Object root) throws CheckpointFormatException {
        if (!(root instanceof PyDict dict)) {
            throw where.problem("no state_dict: expected a dict with 'state_dict', 'model' or tensors, found "
                    + PickleValues.describe(root) + ". Save model.state_dict()");
        }
        Map<String, Object> top = dict.named();
        Map<String, StoredTensor> stateDict = stateDict(top);
        if (stateDict.isEmpty()) {
            throw where.problem("no state_dict: expected a dict with 'state_dict', 'model' or tensors, found the keys "
                    + someKeys(top.keySet()) + ". Save model.state_dict()");
        }
        Optional<Map<String, StoredTensor>> ema = Optional.empty();
        if (top.get("ema_state_dict") instanceof PyDict raw) {
            Map<String, Object> values = raw.named();
            values.remove("steps");
            ema = Optional.of(tensors(values, "ema_state_dict"));
        }
        PyDict meta = top.get("meta") instanceof PyDict found ? found : new PyDict();
        return new Contents(
                format, stateDict, ema, classes(meta), metadata(top, meta), List.copyOf(top.keySet()), warnings);
    }

    private Map<String, StoredTensor> stateDict(Map<String, Object> top) throws CheckpointFormatException {
        @Nullable Object wrapped = top.get("state_dict");
        if (wrapped != null) {
            if (wrapped instanceof PyDict inner) {
                return tensors(inner.named(), "state_dict");
            }
            throw where.of("state_dict").problem("expected a dict of tensors, found " + PickleValues.describe(wrapped));
        }
        return top.get("model") instanceof PyDict inner ? tensors(inner.named(), "model") : tensors(top, "");
    }

    private Map<String, StoredTensor> tensors(Map<String, Object> values, String name)
            throws CheckpointFormatException {
        Map<String, StoredTensor> tensors = new LinkedHashMap<>();
        List<String> others = new ArrayList<>();
        for (Map.Entry<String, Object> entry : values.entrySet()) {
            Object value = entry.getValue();
            if (value instanceof StridedTensor tensor) {
                grant(tensor, entry.getKey());
                if (tensors.put(Prefixes.withoutModule(entry.getKey()), tensor) != null) {
                    throw where.of(entry.getKey()).problem("the key occurs with and without 'module.' in front");
                }
            } else if (value instanceof Inert || value instanceof Storage || value instanceof PickleValues.Global) {
                throw where.of(entry.getKey())
                        .problem("expected a tensor, found " + PickleValues.describe(value)
                                + ". Save the state dict alone, or convert it to safetensors");
            } else {
                others.add(entry.getKey());
            }
        }
        if (!others.isEmpty() && !tensors.isEmpty()) {
            warnings.add(
                    "not tensors, left out of " + (name.isEmpty() ? "the state dict" : name) + ": " + someKeys(others));
        }
        return Collections.unmodifiableMap(tensors);
    }

    /** Tensors that share or repeat storage can be far larger than the file; together they have a budget. */
    private void grant(StridedTensor tensor, String key) throws CheckpointFormatException {
        // At most 2^33 elements of 8 bytes and 100 000 tensors by default: saturate rather than overflow.
        long bytes = tensor.elementCount() > Long.MAX_VALUE / 16
                ? Long.MAX_VALUE / 2
                : tensor.elementCount() * tensor.dtype().bytes();
        bytesTaken += bytes;
        if (bytesTaken < 0 || bytesTaken > bytesAllowed) {
            throw where.of(key)
                    .problem(
                            "with this tensor of " + tensor.elementCount() + " elements the state dict takes more than "
                                    + bytesAllowed + " bytes, which is all that a file of this size may grow to;"
                                    + " raise ReadLimits.expansion if the file is trusted");
        }
    }

    private static Optional<List<String>> classes(PyDict meta) {
        @Nullable Object named = meta.get("dataset_meta") instanceof PyDict dataset ? dataset.get("classes") : null;
        if (named == null) {
            named = meta.get("CLASSES");
        }
        List<Object> items = named instanceof PyList list
                ? list.items()
                : named instanceof PyTuple tuple ? tuple.items() : List.of();
        List<String> classes = new ArrayList<>();
        for (Object item : items) {
            if (!(item instanceof String name)) {
                return Optional.empty();
            }
            classes.add(name);
        }
        return classes.isEmpty() ? Optional.empty() : Optional.of(List.copyOf(classes));
    }

    /** Scalars of the top level (epoch, arch) and of meta, which has the last word. */
    private static Map<String, String> metadata(Map<String, Object> top, PyDict meta) {
        Map<String, String> metadata = new LinkedHashMap<>();
        for (Map<String, Object> level : List.of(top, meta.named())) {
            level.forEach((key, value) -> {
                boolean number = value instanceof Long || value instanceof Double || value instanceof Boolean;
                if (number || (value instanceof String text && text.length() <= METADATA_CHARACTERS)) {
                    metadata.put(key, value.toString());
                }
            });
        }
        return Collections.unmodifiableMap(metadata);
    }

    private static String someKeys(Iterable<String> keys) {
        List<String> some = new ArrayList<>();
        for (String key : keys) {
            if (some.size() == NAMED_KEYS) {
                some.add("...");
                break;
            }
            some.add(Where.clip(key));
        }
        return some.toString();
    }
}
