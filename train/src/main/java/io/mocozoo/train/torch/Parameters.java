package io.mocozoo.train.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.mocozoo.checkpoint.StoredTensor;
import io.mocozoo.network.Cost;
import io.mocozoo.network.Key;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * The state of a network while it learns: master weights and running statistics by their state-dict keys. Owns its
 * arrays and is closed by whoever made it.
 */
public final class Parameters implements AutoCloseable {
    private final NDManager manager;
    private final Map<String, NDArray> arrays = new LinkedHashMap<>();
    private final Map<String, Key> keys;

    private Parameters(NDManager manager, Map<String, Key> keys) {
        this.manager = manager;
        this.keys = keys;
    }

    /**
     * The state of a network from a state dict of mmpretrain's keys, which has been checked to be complete.
     *
     * @param parent of the manager that will own the arrays
     * @param type FLOAT32, or FLOAT64 for checks of the arithmetic
     * @param trained which parameters get gradients; the momentum encoder never does
     */
    public static Parameters of(
            NDManager parent, Cost network, Map<String, StoredTensor> weights, DataType type, Predicate<String> trained)
            throws IOException {
        Parameters parameters = new Parameters(parent.newSubManager(), network.keys());
        for (Key key : network.keys().values()) {
            StoredTensor tensor = Objects.requireNonNull(weights.get(key.name()), key.name());
            NDArray array = parameters.array(key, tensor, type);
            boolean learns = key.kind() == Key.Kind.PARAMETER
                    && !key.name().startsWith("momentum_encoder.")
                    && trained.test(key.name());
            array.setRequiresGradient(learns);
            parameters.arrays.put(key.name(), array);
        }
        return parameters;
    }

    private NDArray array(Key key, StoredTensor tensor, DataType type) throws IOException {
        Shape shape =
                new Shape(key.shape().stream().mapToLong(Integer::longValue).toArray());
        if (key.kind() == Key.Kind.COUNTER) {
            return manager.create(new long[] {tensor.toBytes().asLongBuffer().get(0)}, shape);
        }
        NDArray single = manager.create(tensor.toFloats(), shape);
        if (type == DataType.FLOAT32) {
            return single;
        }
        try (single) {
            NDArray wide = single.toType(type, true);
            wide.attach(manager);
            return wide;
        }
    }

    /** The same state with other arrays of some keys, such as averages; it owns none of them and is not closed. */
    public Parameters with(Map<String, NDArray> others) {
        Parameters view = new Parameters(manager, keys);
        view.arrays.putAll(arrays);
        view.arrays.putAll(others);
        return view;
    }

    /** The same state in arrays of its own. */
    Parameters copy(NDManager parent) {
        Parameters copy = new Parameters(parent, keys);
        arrays.forEach((name, array) -> {
            NDArray own = array.stopGradient().duplicate().toDevice(parent.getDevice(), false); // a leaf of its own
            own.attach(parent);
            own.setRequiresGradient(array.hasGradient());
            copy.arrays.put(name, own);
        });
        return copy;
    }

    /** Takes over some arrays of another state of the same network. */
    void follow(Parameters other, List<String> names, TorchFunctions torch, NDManager step) {
        List<NDArray> mine = new ArrayList<>();
        List<NDArray> theirs = new ArrayList<>();
        for (String name : names) {
            mine.add(get(name));
            theirs.add(other.get(name));
        }
        torch.update(step, "copy", new TorchFunctions.Lists().list("a", mine).list("b", theirs));
    }

    /** The array of a key. */
    public NDArray get(String key) {
        return Objects.requireNonNull(arrays.get(key), key);
    }

    /** Whether a key is part of the state. */
    public boolean has(String key) {
        return arrays.containsKey(key);
    }

    /** What a key is. */
    public Key key(String name) {
        return Objects.requireNonNull(keys.get(name), name);
    }

    /** All names, in the network's order. */
    public List<String> names() {
        return List.copyOf(arrays.keySet());
    }

    /** The names of what learns. */
    public List<String> trained() {
        List<String> names = new ArrayList<>();
        arrays.forEach((name, array) -> {
            if (array.hasGradient()) {
                names.add(name);
            }
        });
        return Collections.unmodifiableList(names);
    }

    /** The owner of the arrays, for state that lives as long. */
    public NDManager manager() {
        return manager;
    }

    /** The gradients of what learns, by name; they belong to the step. */
    public Map<String, NDArray> gradients(NDManager step) {
        Map<String, NDArray> gradients = new LinkedHashMap<>();
        for (String name : trained()) {
            NDArray gradient = get(name).getGradient();
            gradient.attach(step);
            gradients.put(name, gradient);
        }
        return gradients;
    }

    @Override
    public void close() {
        manager.close();
    }
}
