package io.mocozoo.checkpoint;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The list of entries at the end of a zip archive. Written here because the JDK's reader neither says where an entry's
 * bytes lie, which is needed to map them, nor bounds what it believes.
 *
 * <pre>
 * end record: PK56 | disks 8 | entries in all 2 | size 4 | offset 4 | comment length 2 | comment
 * entry:      PK12 | versions 4 | flags 2 | method 2 | time 4 | crc 4 | stored 4 | size 4 | name 2 | extra 2 | comment 2
 *             | disk 2 | attributes 6 | offset 4 | name | extra | comment
 * </pre>
 *
 * @see <a href="https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT">APPNOTE 6.3, sections 4.3 and 4.5.3</a>
 */
final class ZipDirectory {
    /**
     * One entry.
     *
     * @param storedBytes its bytes in the archive
     * @param bytes its bytes after inflating
     * @param headerAt where its local header begins
     */
    record Entry(String name, int flags, int method, long crc, long storedBytes, long bytes, long headerAt) {}

    private static final int END_BYTES = 22;
    private static final int END_SIGNATURE = 0x06054b50;
    private static final int ZIP64_LOCATOR_BYTES = 20;
    private static final int ZIP64_LOCATOR_SIGNATURE = 0x07064b50;
    private static final int ZIP64_END_BYTES = 56;
    private static final int ZIP64_END_SIGNATURE = 0x06064b50;
    private static final int ENTRY_BYTES = 46;
    private static final int ENTRY_SIGNATURE = 0x02014b50;
    private static final int ZIP64_EXTRA = 1;
    private static final long FULL = 0xffffffffL; // a 32-bit field that sends the reader to the zip64 one

    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final FileBytes file;
    private final Where where;
    private final long end;

    /** Reads the directory of a whole archive. */
    ZipDirectory(FileBytes file, Where where, ReadLimits limits) throws CheckpointFormatException {
        this.file = file;
        this.where = where;
        long endAt = findEnd();
        ByteBuffer record = file.slice(endAt, END_BYTES);
        long count = record.getShort(10) & 0xffff;
        long size = record.getInt(12) & FULL;
        long offset = record.getInt(16) & FULL;
        this.end = endAt;
        if (count == 0xffff || size == FULL || offset == FULL) {
            ByteBuffer wide = zip64End(endAt);
            count = wide.getLong(32);
            size = wide.getLong(40);
            offset = wide.getLong(48);
        }
        if (count < 0 || count > limits.zipEntries() || offset < 0 || size < 0 || offset > endAt - size) {
            throw where.problem("a zip directory of " + count + " entries, " + size + " bytes at " + offset
                    + "; expected at most " + limits.zipEntries() + " entries before byte " + endAt + damaged());
        }
        readEntries(offset, size, count, limits);
    }

    Collection<Entry> entries() {
        return entries.values();
    }

    Optional<Entry> find(String name) {
        return Optional.ofNullable(entries.get(name));
    }

    /** The last byte that can belong to an entry's data, exclusive. */
    long end() {
        return end;
    }

    private long findEnd() throws CheckpointFormatException {
        int tail = (int) Math.min(file.size(), END_BYTES + 0xffffL);
        ByteBuffer bytes = file.slice(file.size() - tail, tail);
        for (int at = tail - END_BYTES; at >= 0; at--) {
            if (bytes.getInt(at) == END_SIGNATURE && (bytes.getShort(at + 20) & 0xffff) == tail - at - END_BYTES) {
                return file.size() - tail + at;
            }
        }
        throw where.problem("starts like a zip archive, but its directory, expected at the end, is missing;"
                + " the file is cut short, fetch it again");
    }

    private ByteBuffer zip64End(long endAt) throws CheckpointFormatException {
        long locatorAt = endAt - ZIP64_LOCATOR_BYTES;
        if (locatorAt >= 0) {
            ByteBuffer locator = file.slice(locatorAt, ZIP64_LOCATOR_BYTES);
            long at = locator.getLong(8);
            if (locator.getInt(0) == ZIP64_LOCATOR_SIGNATURE && at >= 0 && at <= locatorAt - ZIP64_END_BYTES) {
                ByteBuffer wide = file.slice(at, ZIP64_END_BYTES);
                if (wide.getInt(0) == ZIP64_END_SIGNATURE) {
                    return wide;
                }
            }
        }
        throw where.in("byte " + endAt).problem("the zip directory's zip64 record is missing" + damaged());
    }

    private void readEntries(long offset, long size, long count, ReadLimits limits) throws CheckpointFormatException {
        long at = offset;
        for (long i = 0; i < count; i++) {
            if (at + ENTRY_BYTES > offset + size) {
                throw where.in("byte " + at)
                        .problem("the zip directory ends after " + i + " of " + count + " entries" + damaged());
            }
            ByteBuffer fixed = file.slice(at, ENTRY_BYTES);
            int nameBytes = fixed.getShort(28) & 0xffff;
            int extraBytes = fixed.getShort(30) & 0xffff;
            int commentBytes = fixed.getShort(32) & 0xffff;
            long next = at + ENTRY_BYTES + nameBytes + extraBytes + commentBytes;
            if (fixed.getInt(0) != ENTRY_SIGNATURE || next > offset + size || nameBytes > limits.stringBytes()) {
                throw where.in("byte " + at).problem("entry " + i + " of the zip directory is malformed" + damaged());
            }
            byte[] name = new byte[nameBytes];
            file.slice(at + ENTRY_BYTES, nameBytes).get(name);
            ByteBuffer extra = file.slice(at + ENTRY_BYTES + nameBytes, extraBytes);
            add(entry(new String(name, StandardCharsets.UTF_8), fixed, extra, at));
            at = next;
        }
    }

    private Entry entry(String name, ByteBuffer fixed, ByteBuffer extra, long at) throws CheckpointFormatException {
        long stored = fixed.getInt(20) & FULL;
        long bytes = fixed.getInt(24) & FULL;
        long header = fixed.getInt(42) & FULL;
        if (bytes == FULL || stored == FULL || header == FULL) {
            ByteBuffer wide = zip64Extra(extra);
            int needed = 8 * ((bytes == FULL ? 1 : 0) + (stored == FULL ? 1 : 0) + (header == FULL ? 1 : 0));
            if (wide.remaining() < needed) {
                throw where.in("byte " + at).problem("a zip entry's zip64 sizes are missing" + damaged());
            }
            bytes = bytes == FULL ? wide.getLong() : bytes;
            stored = stored == FULL ? wide.getLong() : stored;
            header = header == FULL ? wide.getLong() : header;
        }
        int flags = fixed.getShort(8) & 0xffff;
        int method = fixed.getShort(10) & 0xffff;
        return new Entry(name, flags, method, fixed.getInt(16) & FULL, stored, bytes, header);
    }

    /** The zip64 field among the extra ones, or nothing. */
    private static ByteBuffer zip64Extra(ByteBuffer extra) {
        int at = 0;
        while (at + 4 <= extra.limit()) {
            int length = extra.getShort(at + 2) & 0xffff;
            if (extra.getShort(at) == ZIP64_EXTRA && at + 4 + length <= extra.limit()) {
                return extra.slice(at + 4, length).order(extra.order());
            }
            at += 4 + length;
        }
        return ByteBuffer.allocate(0);
    }

    private void add(Entry entry) throws CheckpointFormatException {
        if (entry.storedBytes() < 0 || entry.bytes() < 0 || entry.headerAt() < 0) {
            throw where.in("entry " + Where.clip(entry.name())).problem("a size or offset beyond 63 bits" + damaged());
        }
        if (entries.put(entry.name(), entry) != null) {
            throw where.in("entry " + Where.clip(entry.name()))
                    .problem("the name occurs twice in the archive; expected once. Do not use this file");
        }
    }

    private static String damaged() {
        return "; the file is damaged, fetch it again";
    }
}
