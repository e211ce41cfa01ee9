package io.mocozoo.evaluate;

import io.mocozoo.evaluate.file.RunException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The results of a run, appended in blocks that check themselves. Whatever a kill, a full disk or a power cut leaves
 * behind the last whole block is cut off when the file is opened again; how results are spread over blocks changes
 * nothing of what is read. One process at a time.
 *
 * <pre>
 * "MCZEVAL1" 8 | SHA-256 of the run's subject 32 | CRC-32C of both 4 | {@link ResultBlock} | ...
 * </pre>
 *
 * Little-endian.
 */
final class BlockFile implements AutoCloseable {
    private static final long MAGIC = 0x314C4156455A434DL; // MCZEVAL1
    private static final int HEADER_BYTES = 8 + 32 + 4;

    private final Path file;
    private final FileChannel channel;
    private long images;

    private BlockFile(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * Opens a file for appending, or begins one; cuts off what is not whole.
     *
     * @param subject 64 hex digits that say what the results are of
     * @throws RunException if it is of another subject, or another process has it open
     */
    static BlockFile open(Path file, String subject) throws IOException {
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            lock(file, channel);
            BlockFile blocks = new BlockFile(file, channel);
            long whole = blocks.recover(subject);
            channel.truncate(whole);
            channel.position(whole);
            if (whole == 0) {
                blocks.write(header(subject));
            }
            return blocks;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Held until the channel is closed, or its process ends in whatever way. */
    private static void lock(Path file, FileChannel channel) throws IOException {
        @Nullable FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            throw new RunException(file + " is being written by another process; wait for it, or name another folder");
        }
    }

    private static ByteBuffer header(String subject) {
        ByteBuffer header = ResultBlock.littleEndian(HEADER_BYTES);
        header.putLong(MAGIC).put(HexFormat.of().parseHex(subject));
        return header.putInt(ResultBlock.crc(header, HEADER_BYTES - 4)).flip();
    }

    /** Where the last whole block ends; 0 if there is no whole header. */
    private long recover(String subject) throws IOException {
        images = 0;
        InputStream in = read();
        byte[] header = in.readNBytes(HEADER_BYTES);
        if (header.length < HEADER_BYTES
                || ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).getInt(HEADER_BYTES - 4)
                        != ResultBlock.crc(ByteBuffer.wrap(header), HEADER_BYTES - 4)) {
            return 0;
        }
        if (!ByteBuffer.wrap(header).equals(header(subject))) {
            throw new RunException(file + " holds results of another run than its folder's provenance.json tells;"
                    + " name another folder");
        }
        long whole = HEADER_BYTES;
        for (ResultBlock block; (block = ResultBlock.next(in, images)) != null; ) {
            images += block.images();
            whole += block.bytes();
        }
        return whole;
    }

    /** From the beginning, by the one channel: closing another of the same file would give the lock back. */
    private InputStream read() throws IOException {
        channel.position(0);
        return new BufferedInputStream(Channels.newInputStream(channel), 1 << 16);
    }

    /** Images whose results are in the file. */
    long images() {
        return images;
    }

    /** Appends a block and forces it to the disk; nothing for no result. */
    void append(List<ImageResult> results) throws IOException {
        if (results.isEmpty()) {
            return;
        }
        write(ResultBlock.encode(images, results));
        images += results.size();
    }

    private void write(ByteBuffer bytes) throws IOException {
        long before = channel.position();
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(false);
        } catch (IOException e) { // a full disk: what is appended later must follow a whole block
            channel.truncate(before);
            throw new RunException(
                    file + " cannot be written: " + e.getMessage() + "; " + images
                            + " images are kept, make room and go on with --resume",
                    e);
        }
    }

    /** Takes one result. */
    @FunctionalInterface
    interface Receiver {
        void accept(int index, ImageResult result) throws IOException;
    }

    /** Goes through all results in their order. */
    void forEach(Receiver receiver) throws IOException {
        long end = channel.position();
        InputStream in = read();
        in.skipNBytes(HEADER_BYTES);
        int index = 0;
        for (ResultBlock block; (block = ResultBlock.next(in, index)) != null; ) {
            for (int i = 0; i < block.images(); i++) {
                receiver.accept(index++, ImageResult.decode(block.payload()));
            }
        }
        if (index != images) {
            throw new RunException(file + ": expected " + images + " results, found " + index
                    + "; the file has changed on the disk, go on with --resume");
        }
        channel.position(end);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
