package io.mocozoo.checkpoint;

import io.mocozoo.checkpoint.PickleValues.Global;
import io.mocozoo.checkpoint.PickleValues.PyDict;
import io.mocozoo.checkpoint.PickleValues.PyTuple;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The names that a file of results needs: tensors, whose storages are files of torch's legacy format within the pickle.
 * The list is exact; any other name refuses the whole file, whether anybody would look at what it makes or not.
 */
final class ResultObjects implements PickleObjects {
    private static final String TENSOR = "torch._utils._rebuild_tensor_v2";
    private static final String STORAGE = "torch.storage._load_from_bytes";
    private static final String ENCODE = "_codecs.encode"; // how protocol 2 writes bytes
    private static final String ORDERED_DICT = "collections.OrderedDict"; // a tensor's hooks
    private static final Set<String> ALLOWED = Set.of(TENSOR, STORAGE, ENCODE, ORDERED_DICT);

    private static final int STORAGE_BYTES = 256 << 20;
    private static final int DIMENSIONS = 8;
    private static final int STORAGE_INSTRUCTIONS = 1000; // some forty are needed

    private final ReadLimits limits;
    private final ReadLimits storageLimits;
    private final long fileBytes;
    private long encodedBytes;
    private int tensors;

    ResultObjects(ReadLimits limits, long fileBytes) {
        this.limits = limits;
        this.fileBytes = fileBytes;
        this.storageLimits = new ReadLimits(
                limits.pickleBytes(),
                STORAGE_INSTRUCTIONS,
                STORAGE_INSTRUCTIONS,
                1 << 10,
                limits.integerBytes(),
                1,
                limits.elements(),
                limits.expansion(),
                limits.headerBytes(),
                limits.zipEntries());
    }

    /** Bytes of the pickle; the storage in them is found once, however often the pickle names them. */
    private static final class Bytes {
        private final ByteBuffer content;
        private @Nullable Storage storage;

        Bytes(ByteBuffer content) {
            this.content = content;
        }
    }

    @Override
    public Object bytes(ByteBuffer bytes) {
        return new Bytes(bytes);
    }

    @Override
    public Global global(String module, String name, Where where) throws CheckpointFormatException {
        Global global = Global.of(module, name);
        if (!ALLOWED.contains(global.name())) {
            throw where.problem(
                    "global '" + Where.clip(global.name()) + "' is not allowed in a file of results; expected"
                            + " one of " + new TreeSet<>(ALLOWED) + ". Do not use this file, or write scores as .npy");
        }
        return global;
    }

    @Override
    public Object reduce(Global global, PyTuple arguments, Where where) throws CheckpointFormatException {
        return switch (global.name()) {
            case TENSOR -> tensor(arguments, where);
            case STORAGE -> storage(arguments, where);
            case ENCODE -> encoded(arguments, where);
            default -> new PyDict();
        };
    }

    /** (storage, offset, sizes, strides, requires_grad, hooks). */
    private StridedTensor tensor(PyTuple arguments, Where where) throws CheckpointFormatException {
        if (arguments.size() < 4 || !(arguments.get(0) instanceof Storage storage)) {
            throw where.problem("a tensor is rebuilt from a storage, an offset, sizes and strides, found "
                    + PickleValues.describe(arguments));
        }
        if (arguments.get(2) instanceof PyTuple sizes && sizes.size() > DIMENSIONS) {
            throw where.problem("a tensor of " + sizes.size() + " dimensions; expected at most " + DIMENSIONS);
        }
        if (++tensors > limits.tensors()) {
            throw where.problem("more than " + limits.tensors() + " tensors; expected a few an image");
        }
        return TensorLayout.check(storage, arguments.get(1), arguments.get(2), arguments.get(3), limits, where);
    }

    private Storage storage(PyTuple arguments, Where where) throws CheckpointFormatException {
        if (arguments.size() != 1 || !(arguments.get(0) instanceof Bytes bytes)) {
            throw where.problem("a storage is loaded from bytes, found " + PickleValues.describe(arguments));
        }
        if (bytes.storage == null) {
            int size = bytes.content.remaining();
            if (size > STORAGE_BYTES) {
                throw where.problem("a storage of " + size + " bytes; expected at most " + STORAGE_BYTES);
            }
            FileBytes file = FileBytes.of("a storage", bytes.content);
            bytes.storage = new TorchLegacyReader(file, where.in("the storage there"), storageLimits).storage();
        }
        return bytes.storage;
    }

    /** (text, 'latin1'): a byte a character. */
    private Bytes encoded(PyTuple arguments, Where where) throws CheckpointFormatException {
        if (arguments.size() == 2
                && arguments.get(0) instanceof String text
                && "latin1".equals(arguments.get(1))
                && text.chars().allMatch(c -> c < 256)) {
            encodedBytes += text.length(); // a pickle may name one text again and again
            if (encodedBytes > fileBytes) {
                throw where.problem("the file's texts make more bytes than the " + fileBytes + " it has; it is forged");
            }
            return new Bytes(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
        }
        throw where.problem("bytes are encoded from text in latin1, found " + PickleValues.describe(arguments));
    }

    @Override
    public Object persistent(Object id, Where where) throws CheckpointFormatException {
        throw where.problem("a persistent id, which only torch.save writes; expected results written by pickle.dump."
                + " A checkpoint is read by the commands that take weights");
    }
}
