package io.mocozoo.checkpoint;

import io.mocozoo.checkpoint.PickleValues.Global;
import io.mocozoo.checkpoint.PickleValues.PyDict;
import io.mocozoo.checkpoint.PickleValues.PyList;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * PyTorch's format before 1.6, in which the published MoCo v3 weights of mmpretrain are kept: five pickles one after
 * another, then the storages.
 *
 * <pre>
 * pickle: magic number | pickle: 1001 | pickle: dict of the system | pickle: the object | pickle: list of storage keys
 * then for each key of the list: element count 8 | elements
 * </pre>
 *
 * @see <a href="https://github.com/pytorch/pytorch/blob/v1.5.0/torch/serialization.py">torch 1.5, _legacy_save</a>
 */
final class TorchLegacyReader {
    static final byte[] MAGIC = {
        (byte) 0x8a, 0x0a, 0x6c, (byte) 0xfc, (byte) 0x9c, 0x46, (byte) 0xf9, 0x20, 0x6a, (byte) 0xa8, 0x50, 0x19
    };

    private static final BigInteger MAGIC_NUMBER = new BigInteger("1950a86a20f9469cfc6c", 16);
    private static final long PROTOCOL = 1001;

    private final FileBytes file;
    private final Where where;
    private final ReadLimits limits;

    TorchLegacyReader(FileBytes file, Where where, ReadLimits limits) {
        this.file = file;
        this.where = where;
        this.limits = limits;
    }

    Contents read() throws CheckpointFormatException {
        List<String> warnings = new ArrayList<>();
        Object root = root(warnings);
        return new TorchContents(CheckpointFormat.TORCH_LEGACY, where, file.size(), limits, warnings).of(root);
    }

    /** A storage saved by itself, which is how a plain pickle keeps a tensor's elements; anything odd is refused. */
    Storage storage() throws CheckpointFormatException {
        List<String> warnings = new ArrayList<>();
        Object root = root(warnings);
        if (!warnings.isEmpty()) {
            throw where.problem(warnings.get(0) + "; expected a storage alone. Do not use this file");
        }
        if (root instanceof Storage storage) {
            return storage;
        }
        throw where.problem("expected a storage, found " + PickleValues.describe(root));
    }

    private Object root(List<String> warnings) throws CheckpointFormatException {
        // The pickles' length is known only when they end; storages are not part of it, so that is not yet a refusal.
        int window = (int) Math.min(file.size(), limits.pickleBytes());
        TorchObjects objects = new TorchObjects(new Announced(), limits);
        PickleMachine machine = new PickleMachine(file.slice(0, window), objects, where, limits, 0);
        Object[] values = new Object[5];
        for (int i = 0; i < values.length; i++) {
            values[i] = machine.run();
        }
        checkSystem(values);
        List<String> order = keys(values[4]);
        long end = layOut(objects.storages(), order, machine.position());
        warnings.addAll(objects.warnings());
        if (end < file.size()) {
            warnings.add((file.size() - end) + " bytes behind the last storage are ignored");
        }
        return values[3];
    }

    private void checkSystem(Object[] values) throws CheckpointFormatException {
        if (!MAGIC_NUMBER.equals(values[0])) {
            throw where.problem("expected torch's magic number, found " + PickleValues.describe(values[0]));
        }
        if (!Long.valueOf(PROTOCOL).equals(values[1])) {
            throw where.problem("expected protocol version " + PROTOCOL + ", found " + PickleValues.describe(values[1])
                    + "; save the file again with a torch of today");
        }
        if (values[2] instanceof PyDict system && Boolean.FALSE.equals(system.get("little_endian"))) {
            throw where.problem("the file was written on a big-endian machine; save it again on a little-endian one");
        }
    }

    private List<String> keys(Object value) throws CheckpointFormatException {
        if (value instanceof PyList list && list.items().stream().allMatch(String.class::isInstance)) {
            return list.items().stream().map(String.class::cast).toList();
        }
        throw where.problem("expected a list of storage keys behind the object, found " + PickleValues.describe(value)
                + "; the file is damaged, fetch it again");
    }

    /** Says of each storage where its bytes are; returns where the last one ends. */
    private long layOut(Map<String, Storage> storages, List<String> order, long start)
            throws CheckpointFormatException {
        long at = start;
        Set<String> seen = new HashSet<>();
        for (String key : order) {
            Where here = where.in("byte " + at);
            Storage storage = storages.get(key);
            if (storage == null || !seen.add(key)) {
                throw here.problem("the list of storages names '" + Where.clip(key) + "' "
                        + (storage == null ? "which no tensor uses" : "twice")
                        + "; the file is damaged, fetch it again");
            }
            long bytes = storage.elementCount() * storage.dtype().bytes();
            if (file.size() - at < Long.BYTES || file.size() - at - Long.BYTES < bytes) {
                throw here.problem("storage '" + Where.clip(key) + "' takes 8 + " + bytes + " bytes, "
                        + (file.size() - at) + " are left; the file is cut short, fetch it again");
            }
            long count = file.slice(at, Long.BYTES).getLong(0);
            if (count != storage.elementCount()) {
                throw here.problem("storage '" + Where.clip(key) + "' has " + count + " elements; the object says "
                        + storage.elementCount() + ". The file is damaged, fetch it again");
            }
            storage.lieIn(file.region(at + Long.BYTES, bytes));
            at += Long.BYTES + bytes;
        }
        for (Storage storage : storages.values()) {
            if (!storage.isFound()) {
                throw where.problem("storage '" + Where.clip(storage.key())
                        + "' is used by a tensor but not in the file; the file is damaged, fetch it again");
            }
        }
        return at;
    }

    /** Storages that the object names; their bytes come behind it. */
    private static final class Announced implements TorchObjects.Storages {
        @Override
        public Storage find(String key, DType dtype, long elements, Where where) {
            return new Storage(key, dtype, elements, ByteOrder.LITTLE_ENDIAN, null);
        }

        @Override
        public void findUnknown(String key, Global type, Where where) throws CheckpointFormatException {
            throw where.problem("storage '" + Where.clip(key) + "' is a '" + Where.clip(type.name())
                    + "', whose size is not known, so nothing behind it can be found;"
                    + " save the file in torch's zip format");
        }
    }
}
