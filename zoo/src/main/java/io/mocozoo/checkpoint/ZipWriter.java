package io.mocozoo.checkpoint;

import io.mocozoo.store.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;

/**
 * Writes a zip archive of stored entries whose data begin at multiples of 64 bytes, as torch aligns them so that they can
 * be mapped. Entries are smaller than 2 GiB; the archive may be larger, and is zip64 then. No times, so that the same
 * entries give the same bytes.
 *
 * @see <a href="https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT">APPNOTE 6.3, sections 4.3 and 4.5.3</a>
 */
final class ZipWriter {
    private static final int ALIGNMENT = 64;
    private static final int LOCAL_BYTES = 30;
    private static final int ENTRY_BYTES = 46;
    private static final int PADDING_ID = 0x4246; // "FB", torch's name for its padding field
    private static final int FIELD_BYTES = 4; // id and length of an extra field
    private static final short VERSION = 45; // zip64
    private static final short UTF8_NAMES = 1 << 11;
    private static final short DATE = 0x21; // 1 January 1980, the earliest there is
    private static final long FULL = 0xffffffffL;
    private static final int FULL_COUNT = 0xffff;

    @SuppressWarnings("ArrayRecordComponent") // not compared
    private record Written(byte[] name, int crc, int bytes, long headerAt) {}

    private final AtomicFile file;
    private final long zip64From;
    private final List<Written> entries = new ArrayList<>();

    ZipWriter(AtomicFile file) {
        this(file, FULL);
    }

    /** As above, with zip64 offsets from a given offset on, so that a test needs no 4 GiB. */
    ZipWriter(AtomicFile file, long zip64From) {
        this.file = file;
        this.zip64From = zip64From;
    }

    /** Adds an entry with the bytes from position to limit. */
    void add(String name, ByteBuffer data) throws IOException {
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        CRC32 crc = new CRC32();
        crc.update(data.duplicate());
        long headerAt = file.position();
        Written entry = new Written(utf8, (int) crc.getValue(), data.remaining(), headerAt);
        long unpadded = headerAt + LOCAL_BYTES + utf8.length + FIELD_BYTES;
        int padding = (int) ((ALIGNMENT - unpadded % ALIGNMENT) % ALIGNMENT);
        byte[] zs = new byte[padding];
        Arrays.fill(zs, (byte) 'Z');
        ByteBuffer header = buffer(LOCAL_BYTES + utf8.length + FIELD_BYTES + padding);
        header.putInt(0x04034b50);
        common(header, entry, FIELD_BYTES + padding);
        header.put(utf8).putShort((short) PADDING_ID).putShort((short) padding).put(zs);
        file.write(header.flip());
        file.write(data.duplicate());
        entries.add(entry);
    }

    /** What a local header and a directory entry have in common, from version needed to extra length. */
    private static void common(ByteBuffer to, Written entry, int extraBytes) {
        to.putShort(VERSION)
                .putShort(UTF8_NAMES)
                .putShort((short) 0)
                .putShort((short) 0)
                .putShort(DATE);
        to.putInt(entry.crc()).putInt(entry.bytes()).putInt(entry.bytes());
        to.putShort((short) entry.name().length).putShort((short) extraBytes);
    }

    /** Writes the directory. */
    void finish() throws IOException {
        long start = file.position();
        for (Written entry : entries) {
            boolean wide = entry.headerAt() >= zip64From;
            int extraBytes = wide ? FIELD_BYTES + Long.BYTES : 0;
            ByteBuffer out = buffer(ENTRY_BYTES + entry.name().length + extraBytes);
            out.putInt(0x02014b50).putShort(VERSION);
            common(out, entry, extraBytes);
            out.putShort((short) 0).putShort((short) 0).putShort((short) 0).putInt(0); // comment, disk, attributes
            out.putInt(wide ? (int) FULL : (int) entry.headerAt()).put(entry.name());
            if (wide) {
                out.putShort((short) 1).putShort((short) Long.BYTES).putLong(entry.headerAt());
            }
            file.write(out.flip());
        }
        end(start, file.position() - start);
    }

    private void end(long start, long size) throws IOException {
        int count = entries.size();
        boolean wide = count >= FULL_COUNT || start >= zip64From || size >= FULL;
        ByteBuffer out = buffer(128);
        if (wide) {
            long recordAt = start + size;
            out.putInt(0x06064b50)
                    .putLong(44)
                    .putShort(VERSION)
                    .putShort(VERSION)
                    .putInt(0)
                    .putInt(0);
            out.putLong(count).putLong(count).putLong(size).putLong(start);
            out.putInt(0x07064b50).putInt(0).putLong(recordAt).putInt(1);
        }
        short shown = (short) (wide ? FULL_COUNT : count);
        out.putInt(0x06054b50)
                .putShort((short) 0)
                .putShort((short) 0)
                .putShort(shown)
                .putShort(shown);
        out.putInt(wide ? (int) FULL : (int) size)
                .putInt(wide ? (int) FULL : (int) start)
                .putShort((short) 0);
        file.write(out.flip());
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
