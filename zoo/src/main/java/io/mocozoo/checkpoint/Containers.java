package io.mocozoo.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/** Tells the containers apart by their first bytes, and says what a file is that is none of them. */
final class Containers {
    private static final int HEAD_BYTES = 512;
    private static final int MAGIC_WITHIN = 32; // a protocol and a frame may come before it
    private static final int TAR_AT = 257;

    private Containers() {}

    static Contents read(FileBytes file, Where where, ReadLimits limits) throws IOException {
        byte[] head = head(file);
        if (startsWith(head, 'P', 'K', 3, 4) || startsWith(head, 'P', 'K', 5, 6)) {
            return new TorchZipReader(file, where, limits).read();
        }
        if (startsWith(head, 0x80) && find(head, TorchLegacyReader.MAGIC) < MAGIC_WITHIN) {
            return new TorchLegacyReader(file, where, limits).read();
        }
        if (head.length > Long.BYTES && head[Long.BYTES] == '{') {
            return new SafetensorsReader(file, where, limits).read();
        }
        throw where.problem("this is not a checkpoint: " + guess(head)
                + " Expected a file written by torch.save, or a safetensors file.");
    }

    private static byte[] head(FileBytes file) {
        int length = (int) Math.min(HEAD_BYTES, file.size());
        byte[] head = new byte[length];
        ByteBuffer bytes = file.slice(0, length);
        bytes.get(head);
        return head;
    }

    private static String guess(byte[] head) {
        String text = new String(head, StandardCharsets.ISO_8859_1).strip().toLowerCase(Locale.ROOT);
        if (head.length == 0) {
            return "it is empty. The download went wrong; fetch it again.";
        }
        if (text.startsWith("<!doctype html") || text.startsWith("<html") || text.startsWith("<?xml")) {
            return "it looks like a web page (" + Where.clip(text.substring(0, Math.min(40, text.length())))
                    + "). The download went wrong; check the address and fetch it again.";
        }
        if (text.startsWith("version https://git-lfs")) {
            return "it is a Git LFS pointer. Fetch the file that it points to.";
        }
        if (startsWith(head, 0x80) && head.length > 1 && head[1] <= 5) {
            return "it is a bare pickle, which is a program and no weights. Save model.state_dict() with torch.save.";
        }
        if (startsWith(head, 0x1f, 0x8b)) {
            return "it is compressed with gzip. Unpack it first.";
        }
        if (text.length() > TAR_AT && text.startsWith("ustar", TAR_AT)) {
            return "it is a tar archive. Unpack it, or save it again with a torch of today.";
        }
        if (text.startsWith("{") || text.startsWith("[")) {
            return "it looks like JSON. Check the address and fetch it again.";
        }
        StringBuilder hex = new StringBuilder();
        for (int i = 0; i < Math.min(8, head.length); i++) {
            hex.append(String.format(Locale.ROOT, " %02x", head[i]));
        }
        return "it begins with the bytes" + hex + ". Check the address and fetch it again.";
    }

    private static boolean startsWith(byte[] head, int... bytes) {
        if (head.length < bytes.length) {
            return false;
        }
        for (int i = 0; i < bytes.length; i++) {
            if (head[i] != (byte) bytes[i]) {
                return false;
            }
        }
        return true;
    }

    /** Where the bytes begin, or past every limit. */
    private static int find(byte[] head, byte[] wanted) {
        for (int at = 0; at + wanted.length <= head.length; at++) {
            if (Arrays.equals(head, at, at + wanted.length, wanted, 0, wanted.length)) {
                return at;
            }
        }
        return Integer.MAX_VALUE;
    }
}
