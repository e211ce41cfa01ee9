package io.mocozoo.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The size that a file's header claims, read before anything is decoded.
 *
 * @param format such as {@code PNG}
 * @param width in pixels, as stored: before EXIF orientation; may be 0 in a damaged file
 * @param height likewise
 */
record ImageHeader(String format, long width, long height) {
    static final String GIF = "GIF";

    private static final int VP8_START_CODE = 0x2a019d; // three bytes, little-endian

    /** Empty if the bytes begin like none of JPEG, PNG, GIF, BMP, WebP, or end before their size. */
    static Optional<ImageHeader> sniff(byte[] file) {
        ByteBuffer bytes = ByteBuffer.wrap(file);
        try {
            if (startsWith(file, 0, "\u0089PNG\r\n\u001a\n")) {
                // 8 signature | 4 length | "IHDR" | 4 width | 4 height, big-endian
                return size("PNG", unsigned(bytes.getInt(16)), unsigned(bytes.getInt(20)));
            }
            if (startsWith(file, 0, "\u00ff\u00d8\u00ff")) {
                return jpeg(bytes);
            }
            bytes.order(ByteOrder.LITTLE_ENDIAN);
            if (startsWith(file, 0, "GIF8")) {
                // 6 signature | 2 width | 2 height
                return size(GIF, bytes.getChar(6), bytes.getChar(8));
            }
            if (startsWith(file, 0, "BM")) {
                return bmp(bytes);
            }
            if (startsWith(file, 0, "RIFF") && startsWith(file, 8, "WEBP")) {
                return webp(file, bytes);
            }
            return Optional.empty();
        } catch (IndexOutOfBoundsException e) {
            return Optional.empty(); // too short to hold a size, so too short to hold pixels
        }
    }

    private static Optional<ImageHeader> jpeg(ByteBuffer bytes) {
        // ff d8 | segments: ff marker, 2 length (itself included), payload | ... until a start of frame:
        // 1 precision | 2 height | 2 width
        int at = 2;
        while (true) {
            if (bytes.get(at) != (byte) 0xff) {
                at++; // decoders skip stray bytes between segments
                continue;
            }
            int marker = bytes.get(at + 1) & 0xff;
            if (marker == 0xff) {
                at++; // fill
            } else if (isFrame(marker)) {
                return size("JPEG", bytes.getChar(at + 7), bytes.getChar(at + 5));
            } else if (marker == 0xd9 || marker == 0xda) {
                return Optional.empty(); // end of image or start of scan before any frame
            } else if (marker == 0 || marker == 1 || (marker >= 0xd0 && marker <= 0xd8)) {
                at += 2; // no payload
            } else {
                at += 2 + Math.max(2, bytes.getChar(at + 2));
            }
        }
    }

    /** SOF0 to SOF15, less DHT (c4), JPG (c8), DAC (cc), which share their range. */
    static boolean isFrame(int marker) {
        return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
    }

    private static Optional<ImageHeader> bmp(ByteBuffer bytes) {
        // 14 file header | 4 size of the second header | OS/2 1.x (12): 2 width, 2 height; all others: 4 and 4, the
        // height
        // negative when rows run from top to bottom
        return bytes.getInt(14) == 12
                ? size("BMP", bytes.getChar(18), bytes.getChar(20))
                : size("BMP", bytes.getInt(18), Math.abs((long) bytes.getInt(22)));
    }

    private static Optional<ImageHeader> webp(byte[] file, ByteBuffer bytes) {
        // "RIFF" | 4 length | "WEBP" | 4 chunk | 4 length | payload at 20
        if (startsWith(file, 12, "VP8X")) { // 1 flags | 3 reserved | 3 width - 1 | 3 height - 1
            return size("WebP", 1 + (bytes.getInt(24) & 0xffffff), 1 + (bytes.getInt(26) >>> 8 & 0xffffff));
        }
        if (startsWith(file, 12, "VP8L")) { // 1 signature | 14 bits width - 1 | 14 bits height - 1
            int bits = bytes.getInt(21);
            return size("WebP", 1 + (bits & 0x3fff), 1 + (bits >>> 14 & 0x3fff));
        }
        if (startsWith(file, 12, "VP8 ") && (bytes.getInt(23) & 0xffffff) == VP8_START_CODE) {
            // 3 frame tag | 3 start code | 14 bits width, 2 scale | 14 bits height, 2 scale
            return size("WebP", bytes.getChar(26) & 0x3fff, bytes.getChar(28) & 0x3fff);
        }
        return Optional.empty();
    }

    private static Optional<ImageHeader> size(String format, long width, long height) {
        return Optional.of(new ImageHeader(format, width, height));
    }

    private static long unsigned(int value) {
        return Integer.toUnsignedLong(value);
    }

    private static boolean startsWith(byte[] file, int at, String latin1) {
        byte[] wanted = latin1.getBytes(StandardCharsets.ISO_8859_1);
        if (file.length < at + wanted.length) {
            return false;
        }
        for (int i = 0; i < wanted.length; i++) {
            if (file[at + i] != wanted[i]) {
                return false;
            }
        }
        return true;
    }
}
