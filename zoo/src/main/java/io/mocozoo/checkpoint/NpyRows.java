package io.mocozoo.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Objects;

/**
 * The rows of an array in a {@code .npy} file of any size, read a block at a time as float32. Holds the file open until it
 * is closed; reading takes 1 MiB of memory. Safe for many threads.
 */
public final class NpyRows implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 20;

    private final Where where;
    private final FileChannel channel;
    private final NpyHeader header;

    private NpyRows(Where where, FileChannel channel, NpyHeader header) {
        this.where = where;
        this.channel = channel;
        this.header = header;
    }

    /**
     * Opens a file of an array [n, width].
     *
     * @throws CheckpointFormatException if it is none that {@link Npy#read} would take, or has another rank or no width
     */
    public static NpyRows open(Path file) throws IOException {
        Where where = new Where(file);
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        try {
            NpyHeader header = NpyHeader.read(channel, where);
            if (header.shape().length != 2 || header.shape()[1] < 1) {
                throw where.problem("expected an array of shape [n, width], found " + Arrays.toString(header.shape())
                        + "; reshape it with numpy.reshape(a, (len(a), -1))");
            }
            return new NpyRows(where, channel, header);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** How many rows there are. */
    public int count() {
        return header.shape()[0];
    }

    /** Numbers of a row. */
    public int width() {
        return header.shape()[1];
    }

    /**
     * Reads some rows.
     *
     * @param from the first
     * @param rows how many
     * @param into gets them one after the other
     * @param at where in it they begin
     * @throws IndexOutOfBoundsException if there are no such rows, or the array has no room for them
     */
    public void read(int from, int rows, float[] into, int at) throws IOException {
        Objects.checkFromIndexSize(from, rows, count());
        Objects.checkFromIndexSize(at, Math.multiplyExact(rows, width()), into.length);
        int element = header.dtype().bytes();
        long place = (long) from * width() * element;
        int left = rows * width();
        ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(BUFFER_BYTES, (long) left * element))
                .order(ByteOrder.LITTLE_ENDIAN);
        for (int to = at; left > 0; ) {
            int some = Math.min(left, buffer.capacity() / element);
            buffer.clear().limit(some * element);
            header.fill(channel, place, buffer, where);
            Floats.decode(header.dtype(), buffer.flip(), into, to);
            place += (long) some * element;
            to += some;
            left -= some;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
