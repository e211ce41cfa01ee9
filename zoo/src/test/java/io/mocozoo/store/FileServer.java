package io.mocozoo.store;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** A server of one file on this machine, as good as told to be. */
final class FileServer implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Deque<Answer> script = new ConcurrentLinkedDeque<>();
    private final List<Headers> requests = new CopyOnWriteArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    volatile byte[] content;
    volatile @Nullable String etag = "\"1\"";
    volatile boolean knowsRanges = true;

    /** What a request gets. */
    interface Answer {
        void to(HttpExchange exchange) throws IOException;
    }

    FileServer(byte[] content) throws IOException {
        this.content = content;
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            requests.add(exchange.getRequestHeaders());
            Answer next = script.poll();
            try (exchange) {
                (next == null ? (Answer) this::honest : next).to(exchange);
            }
        });
        server.start();
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/" + path);
    }

    /** What it was asked, in order. */
    List<Headers> requests() {
        return requests;
    }

    /** The next request gets this; when nothing is left, the file. */
    FileServer then(Answer answer) {
        script.add(answer);
        return this;
    }

    FileServer thenStatus(int status, String... headers) {
        return then(exchange -> {
            for (int i = 0; i < headers.length; i += 2) {
                exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
            }
            exchange.sendResponseHeaders(status, -1);
        });
    }

    /** The next request gets so many bytes of what it should, then a closed connection. */
    FileServer thenBreaksAfter(int bytes) {
        return then(exchange -> send(exchange, bytes, false));
    }

    /** The next request gets so many bytes, then silence until the server closes. */
    FileServer thenHangsAfter(int bytes) {
        return then(exchange -> send(exchange, bytes, true));
    }

    /** The next request gets the file when something has happened. */
    FileServer thenWaits(Callable<?> happened) {
        return then(exchange -> {
            try {
                happened.call();
            } catch (Exception e) {
                throw new IOException(e);
            }
            honest(exchange);
        });
    }

    private void honest(HttpExchange exchange) throws IOException {
        send(exchange, Integer.MAX_VALUE, false);
    }

    private void send(HttpExchange exchange, int most, boolean hang) throws IOException {
        byte[] all = content;
        Headers asked = exchange.getRequestHeaders();
        Headers answer = exchange.getResponseHeaders();
        if (etag != null) {
            answer.set("ETag", etag);
        }
        int from = 0;
        String range = asked.getFirst("Range");
        if (knowsRanges && range != null && String.valueOf(etag).equals(asked.getFirst("If-Range"))) {
            from = Integer.parseInt(range.replaceAll("\\D", ""));
            answer.set("Content-Range", "bytes " + from + "-" + (all.length - 1) + "/" + all.length);
        }
        exchange.sendResponseHeaders(from > 0 ? 206 : 200, all.length - from);
        OutputStream out = exchange.getResponseBody();
        out.write(Arrays.copyOfRange(all, from, Math.min(all.length, from + Math.min(most, all.length))));
        out.flush();
        if (hang) {
            try {
                closed.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
