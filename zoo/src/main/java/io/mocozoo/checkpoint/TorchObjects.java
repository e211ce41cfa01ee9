package io.mocozoo.checkpoint;

import io.mocozoo.checkpoint.PickleValues.Global;
import io.mocozoo.checkpoint.PickleValues.Inert;
import io.mocozoo.checkpoint.PickleValues.PyDict;
import io.mocozoo.checkpoint.PickleValues.PyList;
import io.mocozoo.checkpoint.PickleValues.PyTuple;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The names that mean something in a checkpoint; the list is exact. Everything else becomes an {@link Inert} object that
 * is harmless where nobody looks, such as a training log, and refused where a tensor should be.
 */
final class TorchObjects implements PickleObjects {
    /** Finds the bytes of a storage; what differs between torch's two containers. */
    interface Storages {
        /** The storage of a key that has not been asked for before. */
        Storage find(String key, DType dtype, long elements, Where where) throws CheckpointFormatException;

        /** What to do with a storage of a type nobody can read. */
        default void findUnknown(String key, Global type, Where where) throws CheckpointFormatException {}
    }

    /** Globals that checkpoints legitimately name and that need no warning: they stay inert. */
    private static final Set<String> KNOWN = Set.of(
            "_codecs.encode",
            "builtins.bytearray",
            "builtins.complex",
            "builtins.getattr",
            "builtins.slice",
            "collections.Counter",
            "datetime.datetime",
            "mmengine.logging.history_buffer.HistoryBuffer",
            "numpy.core.multiarray._reconstruct",
            "numpy.core.multiarray.scalar",
            "numpy.dtype",
            "numpy.ndarray",
            "pathlib.PosixPath",
            "pathlib.PurePosixPath",
            "torch.Tensor",
            "torch.device",
            "torch.nn.parameter.Parameter");

    private static final int REMEMBERED = 50;
    private static final int GLOBALS = 10_000; // a hundred are many; each takes memory for its name
    private static final int NAME_CHARACTERS = 512;

    private final Storages source;
    private final ReadLimits limits;
    private final Map<String, Storage> storages = new HashMap<>();
    private final Map<String, Global> globals = new HashMap<>();
    private final Set<String> unknown = new LinkedHashSet<>();
    private long copied;
    private int tensors;

    TorchObjects(Storages source, ReadLimits limits) {
        this.source = source;
        this.limits = limits;
    }

    /** The storages named so far, by key. */
    Map<String, Storage> storages() {
        return storages;
    }

    /** One line for every global without a meaning here. */
    List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        for (String name : unknown) {
            warnings.add("the global '" + name + "' is not known here; what it made is ignored, nothing was called");
        }
        return warnings;
    }

    @Override
    public Global global(String module, String name, Where where) throws CheckpointFormatException {
        if (module.length() + name.length() > NAME_CHARACTERS) {
            throw where.problem("a global whose name has " + (module.length() + name.length())
                    + " characters; expected at most " + NAME_CHARACTERS + ". Do not use this file");
        }
        Global global = Global.of(module, name);
        @Nullable Global known = globals.putIfAbsent(global.name(), global);
        if (known != null) {
            return known;
        }
        if (globals.size() > GLOBALS) {
            throw where.problem(
                    "more than " + GLOBALS + " different globals; no checkpoint needs them." + " Do not use this file");
        }
        String canonical = global.canonical();
        if (!KNOWN.contains(canonical)
                && !isMeant(canonical)
                && TorchTypes.ofStorage(canonical).isEmpty()
                && TorchTypes.ofDtype(canonical).isEmpty()
                && unknown.size() < REMEMBERED) {
            unknown.add(Where.clip(global.name()));
        }
        return global;
    }

    private static boolean isMeant(String canonical) {
        return switch (canonical) {
            case "collections.OrderedDict",
                    "collections.defaultdict",
                    "builtins.dict",
                    "builtins.list",
                    "builtins.set",
                    "builtins.tuple",
                    "builtins.frozenset",
                    "torch.Size",
                    "torch._utils._rebuild_tensor",
                    "torch._utils._rebuild_tensor_v2",
                    "torch._utils._rebuild_tensor_v3",
                    "torch._utils._rebuild_parameter",
                    "torch._utils._rebuild_parameter_with_state",
                    "torch._tensor._rebuild_from_type_v2" -> true;
            default -> false;
        };
    }

    @Override
    public Object reduce(Global global, PyTuple arguments, Where where) throws CheckpointFormatException {
        return switch (global.canonical()) {
            case "collections.OrderedDict", "builtins.dict" -> dict(arguments, where);
            case "collections.defaultdict" -> new PyDict();
            case "builtins.list", "builtins.set", "builtins.tuple", "builtins.frozenset", "torch.Size" ->
                arguments.size() == 0 ? new PyList() : arguments.get(0); // the same items, not copied
            case "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2" -> tensor(arguments, where);
            case "torch._utils._rebuild_tensor_v3" -> typedTensor(arguments, where);
            case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state" ->
                parameter(arguments, where);
            case "torch._tensor._rebuild_from_type_v2" -> subclass(arguments, where);
            default -> new Inert(global);
        };
    }

    /** Python 2 gives the pairs as an argument; copying one list again and again must not be free. */
    private PyDict dict(PyTuple arguments, Where where) throws CheckpointFormatException {
        PyDict dict = new PyDict();
        List<Object> pairs = arguments.size() == 0 ? List.of() : items(arguments.get(0));
        copied += pairs.size();
        if (copied > limits.pickleInstructions()) {
            throw where.problem("more than " + limits.pickleInstructions() + " pairs given to dicts;"
                    + " raise ReadLimits.pickleInstructions if the file is trusted");
        }
        for (Object pair : pairs) {
            if ((pair instanceof PyTuple || pair instanceof PyList)
                    && items(pair).size() == 2) {
                dict.put(items(pair).get(0), items(pair).get(1));
            }
        }
        return dict;
    }

    private static List<Object> items(Object sequence) {
        if (sequence instanceof PyList list) {
            return list.items();
        }
        return sequence instanceof PyTuple tuple ? tuple.items() : List.of();
    }

    /** (storage, offset, sizes, strides, ...). */
    private Object tensor(PyTuple arguments, Where where) throws CheckpointFormatException {
        requireSize(arguments, 4, "a tensor", where);
        return arguments.get(0) instanceof Inert inert ? inert : tensor(arguments, storage(arguments, where), where);
    }

    /** (storage, offset, sizes, strides, requires_grad, hooks, dtype, ...): an untyped storage with a type. */
    private Object typedTensor(PyTuple arguments, Where where) throws CheckpointFormatException {
        requireSize(arguments, 7, "a tensor with a dtype", where);
        if (arguments.get(0) instanceof Inert inert) {
            return inert;
        }
        if (!(arguments.get(6) instanceof Global type)) {
            throw where.problem("a tensor's dtype is a global, found " + PickleValues.describe(arguments.get(6)));
        }
        Optional<DType> dtype = TorchTypes.ofDtype(type.canonical());
        if (dtype.isEmpty()) {
            return new Inert(type);
        }
        return tensor(arguments, storage(arguments, where).as(dtype.get()), where);
    }

    private Object tensor(PyTuple arguments, Storage storage, Where where) throws CheckpointFormatException {
        if (++tensors > limits.tensors()) {
            throw where.problem(
                    "more than " + limits.tensors() + " tensors; raise ReadLimits.tensors if the file is trusted");
        }
        return TensorLayout.check(storage, arguments.get(1), arguments.get(2), arguments.get(3), limits, where);
    }

    private static Storage storage(PyTuple arguments, Where where) throws CheckpointFormatException {
        if (arguments.get(0) instanceof Storage storage) {
            return storage;
        }
        throw where.problem("a tensor is a view of a storage, found " + PickleValues.describe(arguments.get(0)));
    }

    /** (tensor, requires_grad, hooks, ...). */
    private static Object parameter(PyTuple arguments, Where where) throws CheckpointFormatException {
        requireSize(arguments, 1, "a parameter", where);
        return arguments.get(0);
    }

    /** (rebuild function, type, its arguments, state): a tensor with attributes of its own, or of a subclass. */
    private Object subclass(PyTuple arguments, Where where) throws CheckpointFormatException {
        requireSize(arguments, 3, "a tensor of a subclass", where);
        if (arguments.get(0) instanceof Global function
                && arguments.get(2) instanceof PyTuple inner
                && !function.canonical().equals("torch._tensor._rebuild_from_type_v2")) { // one level, no recursion
            return reduce(function, inner, where);
        }
        throw where.problem(
                "a tensor of a subclass is rebuilt by a global, found " + PickleValues.describe(arguments.get(0)));
    }

    private static void requireSize(PyTuple arguments, int least, String what, Where where)
            throws CheckpointFormatException {
        if (arguments.size() < least) {
            throw where.problem(what + " takes at least " + least + " arguments, found " + arguments.size()
                    + "; the pickle was not written by torch.save");
        }
    }

    /** ('storage', class, key, location, element count[, (view key, offset, element count) or None]). */
    @Override
    public Object persistent(Object id, Where where) throws CheckpointFormatException {
        if (!(id instanceof PyTuple tuple
                && tuple.size() >= 5
                && "storage".equals(tuple.get(0))
                && tuple.get(1) instanceof Global type
                && tuple.get(2) instanceof String key
                && tuple.get(4) instanceof Long elements)) {
            throw where.problem("a persistent id is a tuple ('storage', class, key, location, element count), found "
                    + PickleValues.describe(id) + "; the pickle was not written by torch.save");
        }
        Optional<DType> dtype = TorchTypes.ofStorage(type.canonical());
        if (dtype.isEmpty()) {
            source.findUnknown(key, type, where);
            return new Inert(type);
        }
        Storage storage = storage(key, dtype.get(), elements, where);
        return tuple.size() > 5 && tuple.get(5) instanceof PyTuple view ? view(storage, view, where) : storage;
    }

    private Storage storage(String key, DType dtype, long elements, Where where) throws CheckpointFormatException {
        @Nullable Storage known = storages.get(key);
        if (known == null) {
            if (elements < 0 || elements > Long.MAX_VALUE / dtype.bytes()) {
                throw where.problem("storage '" + Where.clip(key) + "' claims " + elements + " elements");
            }
            Storage found = source.find(key, dtype, elements, where);
            storages.put(key, found);
            return found;
        }
        if (known.dtype() != dtype || known.elementCount() != elements) {
            throw where.problem("storage '" + Where.clip(key) + "' is named as " + known.elementCount() + " "
                    + known.dtype().torchName() + " and as " + elements + " " + dtype.torchName()
                    + "; expected one description. Save the state dict again");
        }
        return known;
    }

    private static Storage view(Storage root, PyTuple view, Where where) throws CheckpointFormatException {
        if (view.size() == 3 && view.get(1) instanceof Long offset && view.get(2) instanceof Long elements) {
            if (offset >= 0 && elements >= 0 && offset <= root.elementCount() - elements) {
                return root.view(offset, elements);
            }
            throw where.problem("a view of " + elements + " elements from " + offset + " does not lie in a storage of "
                    + root.elementCount());
        }
        throw where.problem("a view is a tuple (key, offset, element count), found a tuple of " + view.size());
    }
}
