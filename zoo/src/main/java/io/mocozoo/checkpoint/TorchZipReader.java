package io.mocozoo.checkpoint;

import io.mocozoo.checkpoint.ZipDirectory.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * PyTorch's zip format: one root folder with {@code data.pkl}, the storages {@code data/<key>}, {@code version} and, from
 * torch 2.0 on, {@code byteorder}.
 *
 * @see <a href="https://pytorch.org/docs/stable/notes/serialization.html">PyTorch: serialization semantics</a>
 */
final class TorchZipReader {
    private static final Pattern PICKLE = Pattern.compile("[^/]+/data\\.pkl");
    private static final int BYTE_ORDER_BYTES = 16;

    private final FileBytes file;
    private final Where where;
    private final ReadLimits limits;
    private final ZipDirectory directory;
    private final ZipContent content;
    private long inflatedBytes;

    TorchZipReader(FileBytes file, Where where, ReadLimits limits) throws CheckpointFormatException {
        this.file = file;
        this.where = where;
        this.limits = limits;
        this.directory = new ZipDirectory(file, where, limits);
        this.content = new ZipContent(file, directory, where);
    }

    Contents read() throws IOException {
        Entry pickle = pickle();
        String root = pickle.name().substring(0, pickle.name().length() - "data.pkl".length());
        if (directory.find(root + "constants.pkl").isPresent()) {
            throw content.where(pickle)
                    .problem("the archive is a TorchScript program; expected weights alone."
                            + " Save model.state_dict() with torch.save");
        }
        if (pickle.bytes() > limits.pickleBytes()) {
            throw content.where(pickle)
                    .problem("a pickle of " + pickle.bytes() + " bytes; expected at most " + limits.pickleBytes()
                            + ". Raise ReadLimits.pickleBytes if the file is trusted");
        }
        ByteOrder order = byteOrder(root);
        TorchObjects objects = new TorchObjects(
                (key, dtype, elements, here) -> storage(root + "data/" + key, key, dtype, elements, order, here),
                limits);
        ByteRegion bytes = content.read(pickle);
        PickleMachine machine =
                new PickleMachine(bytes.slice(0, (int) bytes.length()), objects, content.where(pickle), limits, 0);
        Object value = machine.run();
        return new TorchContents(CheckpointFormat.TORCH_ZIP, where, file.size(), limits, objects.warnings()).of(value);
    }

    private Entry pickle() throws CheckpointFormatException {
        List<Entry> found = directory.entries().stream()
                .filter(entry -> PICKLE.matcher(entry.name()).matches())
                .toList();
        if (found.size() != 1) {
            throw where.problem("a zip archive with " + found.size() + " entries named <folder>/data.pkl among "
                    + directory.entries().size() + "; expected one, as torch.save writes it. Is this another kind of"
                    + " archive?");
        }
        return found.get(0);
    }

    private ByteOrder byteOrder(String root) throws CheckpointFormatException {
        Optional<Entry> entry = directory.find(root + "byteorder");
        if (entry.isEmpty()) {
            return ByteOrder.LITTLE_ENDIAN;
        }
        Where here = content.where(entry.get());
        if (entry.get().bytes() <= BYTE_ORDER_BYTES) {
            ByteRegion bytes = content.read(entry.get());
            ByteBuffer text = bytes.slice(0, (int) bytes.length());
            switch (StandardCharsets.US_ASCII.decode(text).toString().strip()) {
                case "little" -> {
                    return ByteOrder.LITTLE_ENDIAN;
                }
                case "big" -> {
                    return ByteOrder.BIG_ENDIAN;
                }
                default -> throw here.problem("expected 'little' or 'big'; save the file again");
            }
        }
        throw here.problem("expected 'little' or 'big', found " + entry.get().bytes() + " bytes; save the file again");
    }

    private Storage storage(String name, String key, DType dtype, long elements, ByteOrder order, Where here)
            throws CheckpointFormatException {
        Optional<Entry> found = directory.find(name);
        if (found.isEmpty()) {
            throw here.problem("storage '" + Where.clip(key) + "' has no entry " + Where.clip(name)
                    + " in the archive; the file is damaged, fetch it again");
        }
        Entry entry = found.get();
        long bytes = Math.multiplyExact(elements, (long) dtype.bytes());
        if (entry.bytes() != bytes) {
            throw content.where(entry)
                    .problem("holds " + entry.bytes() + " bytes, but the pickle claims " + elements + " "
                            + dtype.torchName() + ", " + bytes + " bytes; the file is damaged, fetch it again");
        }
        if (entry.storedBytes() != entry.bytes()) {
            inflatedBytes += bytes; // each entry is at most 2 GiB here, see ZipContent
            if (inflatedBytes > limits.expandedBytes(file.size())) {
                throw content.where(entry)
                        .problem("with this entry the archive inflates to more than "
                                + limits.expandedBytes(file.size())
                                + " bytes; raise ReadLimits.expansion if the file is trusted");
            }
        }
        content.locate(entry);
        return new Storage(key, dtype, elements, order, () -> content.read(entry));
    }
}
