package io.mocozoo.image;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What ImageIO has to be told about a JPEG file: it would apply an embedded ICC profile, which the reference ignores,
 * and ignores the EXIF orientation, which the reference applies.
 */
final class JpegSegments {
    private static final byte[] ICC = "ICC_PROFILE\0".getBytes(StandardCharsets.ISO_8859_1);
    private static final byte[] EXIF = "Exif\0\0".getBytes(StandardCharsets.ISO_8859_1);
    private static final byte[] ADOBE = "Adobe".getBytes(StandardCharsets.ISO_8859_1);
    private static final int ADOBE_TRANSFORM = 11; // "Adobe" | 2 version | 2 flags | 2 flags | 1 transform
    private static final int FRAME_COMPONENTS = 5; // 1 precision | 2 height | 2 width | 1 components
    private static final int ORIENTATION_TAG = 0x0112;

    private final byte[] withoutProfile;
    private final int orientation;
    private final boolean isYcck;
    private final int components;

    private JpegSegments(byte[] withoutProfile, int orientation, boolean isYcck, int components) {
        this.withoutProfile = withoutProfile;
        this.orientation = orientation;
        this.isYcck = isYcck;
        this.components = components;
    }

    /** The file less its ICC profile; the file itself if it has none. */
    byte[] withoutProfile() {
        return withoutProfile;
    }

    /** 1 to 8 as in EXIF; 1 is upright. */
    int orientation() {
        return orientation;
    }

    /** Whether an Adobe segment says that four components are YCCK, not CMYK. */
    boolean isYcck() {
        return isYcck;
    }

    /** How many components the frame has; 0 if no frame was found. */
    int components() {
        return components;
    }

    /** Files that are no JPEG, or are damaged, are returned as they are. */
    static JpegSegments of(byte[] file) {
        if (file.length < 2 || file[0] != (byte) 0xff || file[1] != (byte) 0xd8) {
            return new JpegSegments(file, 1, false, 0);
        }
        int orientation = 1;
        boolean isYcck = false;
        int components = 0;
        var kept = new ByteArrayOutputStream(file.length);
        int at = 2;
        int keptUntil = 0;
        // ff d8 | segments: ff marker, 2 length (itself included), payload | ff da: entropy-coded data to the end
        while (at + 4 <= file.length && file[at] == (byte) 0xff && file[at + 1] != (byte) 0xda) {
            int marker = file[at + 1] & 0xff;
            int payload = at + 4;
            int end = at + 2 + ((file[at + 2] & 0xff) << 8 | (file[at + 3] & 0xff));
            if (end < payload || end > file.length) {
                break;
            }
            if (marker == 0xe2 && startsWith(file, payload, end, ICC)) {
                kept.write(file, keptUntil, at - keptUntil);
                keptUntil = end;
            } else if (marker == 0xe1 && startsWith(file, payload, end, EXIF)) {
                orientation = orientation(Arrays.copyOfRange(file, payload + EXIF.length, end));
            } else if (marker == 0xee && startsWith(file, payload, end, ADOBE) && end - payload > ADOBE_TRANSFORM) {
                isYcck = file[payload + ADOBE_TRANSFORM] == 2;
            } else if (ImageHeader.isFrame(marker) && end - payload > FRAME_COMPONENTS) {
                components = file[payload + FRAME_COMPONENTS];
            }
            at = end;
        }
        if (keptUntil == 0) {
            return new JpegSegments(file, orientation, isYcck, components);
        }
        kept.write(file, keptUntil, file.length - keptUntil);
        return new JpegSegments(kept.toByteArray(), orientation, isYcck, components);
    }

    /** Reads the first directory of a TIFF structure; 1 if it holds no orientation. */
    static int orientation(byte[] tiff) {
        // "II" or "MM" | 2 number 42 | 4 offset of: 2 entries | entries of 12: 2 tag, 2 type, 4 count, 4 value
        try {
            ByteBuffer bytes = ByteBuffer.wrap(tiff);
            bytes.order(tiff[0] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
            int directory = bytes.getInt(4);
            int entries = bytes.getChar(directory);
            for (int i = 0; i < entries; i++) {
                int entry = directory + 2 + 12 * i;
                if (bytes.getChar(entry) == ORIENTATION_TAG) {
                    int value = bytes.getChar(entry + 8);
                    return value >= 1 && value <= 8 ? value : 1;
                }
            }
            return 1;
        } catch (IndexOutOfBoundsException e) {
            return 1; // a damaged note beside the picture is no reason to refuse the picture
        }
    }

    private static boolean startsWith(byte[] file, int from, int end, byte[] wanted) {
        return end - from >= wanted.length && Arrays.equals(file, from, from + wanted.length, wanted, 0, wanted.length);
    }
}
