package io.mocozoo.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256, in 64 lower-case hex digits. */
public final class Sha256 {
    private static final int CHUNK_BYTES = 1 << 20;

    /** Below this a file is hashed before a bar could be drawn. */
    private static final long SHOWN_FROM_BYTES = 64L << 20;

    private Sha256() {}

    static MessageDigest begin() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Of a text's bytes in UTF-8. */
    public static String of(String text) {
        return HexFormat.of().formatHex(begin().digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Of a file's bytes; a large one tells the progress. */
    public static String of(Path file, Progress progress) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            MessageDigest digest = begin();
            long size = channel.size();
            try (Progress.Work work = (size < SHOWN_FROM_BYTES ? Progress.NONE : progress)
                    .start("checking " + file.getFileName(), size)) {
                update(digest, channel, work);
            }
            return hex(digest);
        }
    }

    /** Feeds a channel's bytes from where it stands to its end. */
    static void update(MessageDigest digest, FileChannel channel, Progress.Work work) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
        long done = 0;
        for (int read; (read = channel.read(chunk)) >= 0; chunk.clear()) {
            digest.update(chunk.flip());
            done += read;
            work.at(done);
        }
    }
}
