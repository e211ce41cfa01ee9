package io.mocozoo.checkpoint;

import java.io.IOException;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Elements of one type, one after another, that tensors are views of. What torch.save calls a storage. Its bytes are
 * found when a tensor is first read, so that a checksum is paid for by those who read.
 */
final class Storage {
    /** Finds and checks the bytes. */
    interface Source {
        ByteRegion open() throws IOException;
    }

    private final String key;
    private final DType dtype;
    private final long elementCount;
    private final ByteOrder order;
    private @Nullable Source source;
    private @Nullable ByteRegion bytes;

    Storage(String key, DType dtype, long elementCount, ByteOrder order, @Nullable Source source) {
        this.key = key;
        this.dtype = dtype;
        this.elementCount = elementCount;
        this.order = order;
        this.source = source;
    }

    String key() {
        return key;
    }

    DType dtype() {
        return dtype;
    }

    long elementCount() {
        return elementCount;
    }

    ByteOrder order() {
        return order;
    }

    /** The legacy format names its storages first and says where they lie afterwards. */
    void lieIn(ByteRegion region) {
        source = () -> region;
    }

    boolean isFound() {
        return source != null;
    }

    /** The elements' bytes, exactly as many as they take. */
    synchronized ByteRegion bytes() throws IOException {
        if (bytes == null) {
            if (source == null) {
                throw new IllegalStateException("storage " + key + " has no bytes yet");
            }
            bytes = source.open();
        }
        return bytes;
    }

    /** Some of the elements as a storage of their own; the caller has checked the range. */
    Storage view(long offset, long elements) {
        long from = Math.multiplyExact(offset, (long) dtype.bytes());
        long length = Math.multiplyExact(elements, (long) dtype.bytes());
        return new Storage(key, dtype, elements, order, () -> bytes().part(from, length));
    }

    /** The same bytes, read as another type. */
    Storage as(DType other) {
        long length = Math.multiplyExact(elementCount, (long) dtype.bytes());
        return new Storage(key, other, length / other.bytes(), order, this::bytes);
    }
}
