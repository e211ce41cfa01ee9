package io.mocozoo.evaluate.serve;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;

/** The bodies of requests in memory, together at most so many bytes; room is taken as bytes arrive, not as they are announced. */
final class Bodies {
    static final int PIECE_BYTES = 1 << 14;

    private final Semaphore room;

    Bodies(long mostBytes) {
        this.room = new Semaphore((int) Math.max(1, Math.min(Integer.MAX_VALUE, mostBytes / PIECE_BYTES)));
    }

    /** A body; its room is free again once closed. */
    final class Body implements AutoCloseable {
        private final List<byte[]> pieces = new ArrayList<>();
        private int held;
        private long size;

        private Body() {}

        /** Bytes read, one more than the most if there are more. */
        long size() {
            return size;
        }

        /** The bytes in one piece, once. */
        byte[] bytes() {
            byte[] all = new byte[Math.toIntExact(size)];
            int at = 0;
            for (byte[] piece : pieces) {
                int length = Math.min(piece.length, all.length - at);
                System.arraycopy(piece, 0, all, at, length);
                at += length;
            }
            pieces.clear();
            return all;
        }

        private void read(InputStream in, int most) throws IOException {
            int length;
            do {
                if (!room.tryAcquire()) {
                    throw new FullException();
                }
                held++;
                byte[] piece = new byte[PIECE_BYTES];
                pieces.add(piece);
                length = in.readNBytes(piece, 0, (int) Math.min(PIECE_BYTES, most + 1L - size));
                size += length;
            } while (length == PIECE_BYTES);
        }

        @Override
        public void close() {
            room.release(held);
            held = 0;
            pieces.clear();
        }
    }

    /**
     * Reads a body; closed by the caller.
     *
     * @param most bytes wanted; one more is read if there are more
     * @throws FullException if the bodies hold all they may; the rest of this one is then read and forgotten, since a client
     *     that is still sending would not see the answer
     */
    Body read(InputStream in, int most) throws IOException {
        Body body = new Body();
        boolean whole = false;
        try {
            body.read(in, most);
            whole = true;
        } catch (FullException e) {
            body.close();
            forget(in, most);
            throw e;
        } finally {
            if (!whole) {
                body.close();
            }
        }
        return body;
    }

    private static void forget(InputStream in, long most) throws IOException {
        byte[] some = new byte[PIECE_BYTES];
        long left = most;
        int length;
        do {
            length = in.read(some);
            left -= length;
        } while (length > 0 && left > 0);
    }
}
