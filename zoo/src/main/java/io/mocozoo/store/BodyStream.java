package io.mocozoo.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** A response's bytes to be read one after the other. */
final class BodyStream extends InputStream {
    private final Body body;
    private final Deque<ByteBuffer> ahead = new ArrayDeque<>();

    BodyStream(Body body) {
        this.body = body;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int from, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (ahead.isEmpty() || !ahead.peek().hasRemaining()) {
            ahead.poll();
            if (ahead.isEmpty()) {
                Optional<List<ByteBuffer>> next = body.next();
                if (next.isEmpty()) {
                    return -1;
                }
                ahead.addAll(next.get());
            }
        }
        ByteBuffer bytes = ahead.element();
        int count = Math.min(length, bytes.remaining());
        bytes.get(target, from, count);
        return count;
    }

    @Override
    public void close() {
        body.close();
    }
}
