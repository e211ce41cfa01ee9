package io.mocozoo.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The bytes of a file, mapped in segments because one map holds at most 2 GiB; small files are simply read. Offsets are
 * 64-bit. Closing only forgets the maps: the JVM takes them down when the last buffer over them has been collected, and
 * there is no sanctioned way to make it hurry, so on Windows the file cannot be deleted for a while. A file that another
 * process shortens while it is mapped ends in an {@code InternalError}.
 */
final class FileBytes {
    private static final long SEGMENT_BYTES = 1L << 30;
    private static final int READ_BYTES = 64 << 10; // below this a map costs more than it saves

    private final String name;
    private final long size;
    private final long segmentBytes;
    private volatile List<ByteBuffer> segments;

    private FileBytes(String name, long size, long segmentBytes, List<ByteBuffer> segments) {
        this.name = name;
        this.size = size;
        this.segmentBytes = segmentBytes;
        this.segments = segments;
    }

    static FileBytes open(Path file) throws IOException {
        return open(file, SEGMENT_BYTES);
    }

    /** As {@link #open(Path)}, with segments small enough for a test to cross their borders. */
    static FileBytes open(Path file, long segmentBytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = channel.size();
            List<ByteBuffer> segments = new ArrayList<>();
            for (long at = 0; at < size; at += segmentBytes) {
                long length = Math.min(segmentBytes, size - at);
                segments.add(size <= READ_BYTES ? read(channel, at, (int) length) : map(channel, at, length));
            }
            return new FileBytes(file.toString(), size, segmentBytes, List.copyOf(segments));
        }
    }

    /** Bytes that are in memory already, such as an inflated zip entry. */
    static FileBytes of(String name, byte[] bytes) {
        return new FileBytes(name, bytes.length, SEGMENT_BYTES, List.of(ByteBuffer.wrap(bytes)));
    }

    /** A view of bytes that another file's map holds, such as a file within a pickle; at most a segment. */
    static FileBytes of(String name, ByteBuffer bytes) {
        return new FileBytes(name, bytes.remaining(), SEGMENT_BYTES, List.of(bytes));
    }

    private static ByteBuffer map(FileChannel channel, long at, long length) throws IOException {
        return channel.map(MapMode.READ_ONLY, at, length);
    }

    private static ByteBuffer read(FileChannel channel, long at, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining() && channel.read(bytes, at + bytes.position()) >= 0) {
            // one read may bring less than was asked for
        }
        if (bytes.hasRemaining()) {
            throw new IOException("the file became shorter while it was read");
        }
        return bytes.flip().asReadOnlyBuffer();
    }

    long size() {
        return size;
    }

    ByteRegion region(long offset, long length) {
        return new ByteRegion(this, offset, length);
    }

    /** Whether {@link #slice} would need no copy. */
    boolean isInOnePiece(long offset, long length) {
        return length == 0 || offset / segmentBytes == (offset + length - 1) / segmentBytes;
    }

    /**
     * A little-endian view of a range; a copy where the range crosses from one segment to the next.
     *
     * @throws IndexOutOfBoundsException if the range is not within the file
     * @throws IllegalStateException after {@link #close}
     */
    ByteBuffer slice(long offset, int length) {
        Objects.checkFromIndexSize(offset, /* size= */ length, /* length= */ size);
        List<ByteBuffer> open = segments;
        if (open.isEmpty() && size > 0) {
            throw new IllegalStateException(name + " is closed; read its tensors before closing the checkpoint");
        }
        if (length == 0) {
            return ByteBuffer.allocate(0).order(ByteOrder.LITTLE_ENDIAN);
        }
        if (isInOnePiece(offset, length)) {
            return piece(open, offset, length).order(ByteOrder.LITTLE_ENDIAN);
        }
        ByteBuffer copy = ByteBuffer.allocate(length);
        while (copy.hasRemaining()) {
            long at = offset + copy.position();
            long toBorder = segmentBytes - at % segmentBytes;
            copy.put(piece(open, at, (int) Math.min(toBorder, copy.remaining())));
        }
        return copy.flip().order(ByteOrder.LITTLE_ENDIAN);
    }

    private ByteBuffer piece(List<ByteBuffer> open, long offset, int length) {
        return open.get((int) (offset / segmentBytes)).slice((int) (offset % segmentBytes), length);
    }

    void close() {
        segments = List.of();
    }
}
