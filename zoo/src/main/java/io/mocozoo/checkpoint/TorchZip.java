package io.mocozoo.checkpoint;

import io.mocozoo.store.AtomicFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/** Writes PyTorch's zip format; reading is {@link Checkpoint#open}. */
public final class TorchZip {
    private static final String ROOT = "archive/"; // any name will do; a fixed one keeps the bytes the same

    private TorchZip() {}

    /**
     * Writes a state dict as {@code torch.save(state_dict, target)} does: a bare ordered dict of CPU tensors, each
     * contiguous in a storage of its own, that {@code torch.load(target, weights_only=True)} reads. Written beside the
     * target and moved into place; an existing file is replaced. The same input gives the same bytes. One tensor is
     * held in memory at a time, and one that lies in a mapped file not even that; each is read twice, as its checksum
     * comes before it.
     *
     * @param target the file to write; folders on the way are made
     * @param stateDict tensors by key, written in the order of the map; each at most 2 GiB
     */
    public static void write(Path target, Map<String, ? extends StoredTensor> stateDict) throws IOException {
        try (AtomicFile file = AtomicFile.create(target)) {
            ZipWriter zip = new ZipWriter(file);
            zip.add(ROOT + "data.pkl", pickle(stateDict));
            zip.add(ROOT + "byteorder", ascii("little"));
            int number = 0;
            for (StoredTensor tensor : stateDict.values()) {
                zip.add(ROOT + "data/" + number++, tensor.toBytes());
            }
            zip.add(ROOT + "version", ascii("3\n"));
            zip.finish();
            file.commit();
        }
    }

    private static ByteBuffer ascii(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Protocol 2, without a memo: names are repeated for each tensor, which costs some 200 bytes. */
    private static ByteBuffer pickle(Map<String, ? extends StoredTensor> stateDict) {
        PickleWriter pickle = new PickleWriter();
        pickle.orderedDict();
        pickle.mark();
        int number = 0;
        for (Map.Entry<String, ? extends StoredTensor> entry : stateDict.entrySet()) {
            pickle.text(entry.getKey());
            tensor(pickle, entry.getValue(), Integer.toString(number++));
        }
        pickle.setItems();
        return pickle.finish();
    }

    /** _rebuild_tensor_v2(storage, offset, sizes, strides, requires_grad, hooks). */
    private static void tensor(PickleWriter pickle, StoredTensor tensor, String key) {
        pickle.global("torch._utils", "_rebuild_tensor_v2");
        pickle.mark();
        pickle.mark();
        pickle.text("storage");
        pickle.global("torch", TorchTypes.storageClass(tensor.dtype()));
        pickle.text(key);
        pickle.text("cpu");
        pickle.integer(tensor.elementCount());
        pickle.tuple();
        pickle.persistentId();
        pickle.integer(0);
        pickle.mark();
        for (int size : tensor.shape()) {
            pickle.integer(size);
        }
        pickle.tuple();
        pickle.mark();
        for (long stride : Shapes.rowMajor(tensor.shape())) {
            pickle.integer(stride);
        }
        pickle.tuple();
        pickle.bool(false);
        pickle.orderedDict();
        pickle.tuple();
        pickle.reduce();
    }

    /** The few instructions a state dict needs. */
    private static final class PickleWriter {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        PickleWriter() {
            bytes(0x80, 2);
        }

        private void bytes(int... values) {
            for (int value : values) {
                out.write(value);
            }
        }

        private void int4(int value) {
            bytes(value, value >> 8, value >> 16, value >> 24);
        }

        void mark() {
            bytes('(');
        }

        void tuple() {
            bytes('t');
        }

        void reduce() {
            bytes('R');
        }

        void setItems() {
            bytes('u');
        }

        void persistentId() {
            bytes('Q');
        }

        void bool(boolean value) {
            bytes(value ? 0x88 : 0x89);
        }

        void integer(long value) {
            if (value == (int) value) {
                bytes('J');
                int4((int) value);
            } else {
                bytes(0x8a, Long.BYTES);
                int4((int) value);
                int4((int) (value >> 32));
            }
        }

        void text(String text) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            bytes('X');
            int4(utf8.length);
            out.writeBytes(utf8);
        }

        void global(String module, String name) {
            out.writeBytes(("c" + module + "\n" + name + "\n").getBytes(StandardCharsets.US_ASCII));
        }

        void orderedDict() {
            global("collections", "OrderedDict");
            bytes(')');
            reduce();
        }

        ByteBuffer finish() {
            bytes('.');
            return ByteBuffer.wrap(out.toByteArray());
        }
    }
}
