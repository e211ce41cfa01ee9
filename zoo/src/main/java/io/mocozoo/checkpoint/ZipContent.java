package io.mocozoo.checkpoint;

import io.mocozoo.checkpoint.ZipDirectory.Entry;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The bytes of zip entries: stored ones where they lie, deflated ones inflated in memory up to the size that was
 * promised, both only with the right checksum. Nothing is ever written to disk, so no name can lead anywhere.
 */
final class ZipContent {
    private static final int LOCAL_BYTES = 30;
    private static final int LOCAL_SIGNATURE = 0x04034b50;
    private static final int STORED = 0;
    private static final int DEFLATED = 8;
    private static final int ENCRYPTED = 1;
    private static final int CHUNK = 4 << 20;

    private final FileBytes file;
    private final ZipDirectory directory;
    private final Where where;

    ZipContent(FileBytes file, ZipDirectory directory, Where where) {
        this.file = file;
        this.directory = directory;
        this.where = where;
    }

    /** Checks where an entry lies and how it is stored, without reading it. */
    ByteRegion locate(Entry entry) throws CheckpointFormatException {
        Where here = where(entry);
        boolean known = entry.method() == STORED || entry.method() == DEFLATED;
        if (!known || (entry.flags() & ENCRYPTED) != 0) {
            throw here.problem("zip method " + entry.method() + ", flags " + entry.flags()
                    + "; expected stored (0) or deflated (8) and no encryption. Save the file with torch.save");
        }
        long end = directory.end();
        if (entry.headerAt() > end - LOCAL_BYTES) {
            throw here.problem("begins at byte " + entry.headerAt() + ", behind the end of the data" + damaged());
        }
        ByteBuffer header = file.slice(entry.headerAt(), LOCAL_BYTES);
        long dataAt = entry.headerAt() + LOCAL_BYTES + (header.getShort(26) & 0xffff) + (header.getShort(28) & 0xffff);
        if (header.getInt(0) != LOCAL_SIGNATURE || dataAt > end || entry.storedBytes() > end - dataAt) {
            throw here.problem("its header at byte " + entry.headerAt() + " is malformed, or its " + entry.storedBytes()
                    + " bytes reach behind the end of the data" + damaged());
        }
        if (entry.method() == STORED && entry.storedBytes() != entry.bytes()) {
            throw here.problem(
                    "is stored in " + entry.storedBytes() + " bytes but claims " + entry.bytes() + damaged());
        }
        return file.region(dataAt, entry.storedBytes());
    }

    /** The bytes of an entry, checked against their CRC-32. */
    ByteRegion read(Entry entry) throws CheckpointFormatException {
        ByteRegion stored = locate(entry);
        ByteRegion bytes = entry.method() == STORED ? stored : inflate(entry, stored);
        CRC32 crc = new CRC32();
        for (long at = 0; at < bytes.length(); at += CHUNK) {
            crc.update(bytes.slice(at, (int) Math.min(CHUNK, bytes.length() - at)));
        }
        if (crc.getValue() != entry.crc()) {
            throw where(entry)
                    .problem("checksum (CRC-32) " + Long.toHexString(crc.getValue()) + "; the archive expects "
                            + Long.toHexString(entry.crc()) + damaged());
        }
        return bytes;
    }

    private ByteRegion inflate(Entry entry, ByteRegion stored) throws CheckpointFormatException {
        if (entry.bytes() > Integer.MAX_VALUE - 8) {
            throw where(entry)
                    .problem("is deflated and claims " + entry.bytes()
                            + " bytes; expected at most 2 GiB. Store it without compression");
        }
        Inflater inflater = new Inflater(true);
        try {
            // Grows with what really comes out, so a false claim costs no more than the truth.
            byte[] out = new byte[(int) Math.min(entry.bytes(), 1 << 16)];
            int length = 0;
            long at = 0;
            while (!inflater.finished()) {
                if (inflater.needsInput()) {
                    int count = (int) Math.min(CHUNK, stored.length() - at);
                    if (count == 0) {
                        throw where(entry).problem("its deflated data end too early" + damaged());
                    }
                    inflater.setInput(stored.slice(at, count));
                    at += count;
                }
                if (length == out.length) {
                    if (length == entry.bytes()) {
                        if (inflater.inflate(new byte[1]) > 0) {
                            throw where(entry)
                                    .problem("inflates to more than the " + length + " bytes it claims" + damaged());
                        }
                        if (inflater.needsDictionary()) {
                            throw where(entry).problem("wants a preset dictionary" + damaged());
                        }
                        continue;
                    }
                    out = Arrays.copyOf(out, (int) Math.min(entry.bytes(), 2L * length));
                }
                length += inflater.inflate(out, length, out.length - length);
                if (inflater.needsDictionary()) {
                    throw where(entry).problem("wants a preset dictionary" + damaged());
                }
            }
            if (length != entry.bytes()) {
                throw where(entry).problem("inflates to " + length + " bytes; it claims " + entry.bytes() + damaged());
            }
            return FileBytes.of(entry.name(), out).region(0, length);
        } catch (DataFormatException e) {
            throw where(entry).problem("its deflated data are malformed" + damaged());
        } finally {
            inflater.end();
        }
    }

    Where where(Entry entry) {
        return where.in("entry " + Where.clip(entry.name()));
    }

    private static String damaged() {
        return "; the file is damaged, fetch it again";
    }
}
