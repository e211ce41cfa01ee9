package io.mocozoo.evaluate.serve;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.mocozoo.evaluate.file.JsonFiles;
import io.mocozoo.evaluate.metric.Scores;
import io.mocozoo.image.ImageDecoder;
import io.mocozoo.image.ImageFormatException;
import io.mocozoo.image.ImageLimits;
import io.mocozoo.image.RgbImage;
import io.mocozoo.network.Output;
import io.mocozoo.runtime.Model;
import io.mocozoo.runtime.Prediction;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A model behind HTTP. {@code POST /predict} and {@code POST /features} take the bytes of an image and answer JSON; {@code
 * GET /health}, {@code GET /metrics} (Prometheus' text format) and {@code GET /} (a page to drop a picture on). Closed by
 * whoever opened it; the model stays open.
 */
public final class ModelServer implements AutoCloseable {
    private static final int TOP = 5;
    private static final int GRACE_SECONDS = 5;

    private final Model model;
    private final ImageLimits limits;
    private final HttpServer server;
    private final ExecutorService handlers;
    private final Optional<Batcher> logits;
    private final Optional<Batcher> features;
    private final Map<Integer, AtomicLong> answers = new ConcurrentSkipListMap<>();
    private final AtomicLong nanos = new AtomicLong();

    /**
     * How to serve.
     *
     * @param host to listen on
     * @param port to listen on; 0 for a free one
     * @param batch images run at once at most; 1 for models whose bits depend on the batch
     * @param delayMillis an image waits for others
     * @param queue images that may wait; more are refused with 503
     * @param limits on images
     */
    public record Settings(String host, int port, int batch, int delayMillis, int queue, ImageLimits limits) {}

    /** Begins to serve. */
    public ModelServer(Model model, Settings settings) throws IOException {
        if (System.getProperty("sun.net.httpserver.maxReqTime") == null) {
            System.setProperty("sun.net.httpserver.maxReqTime", "60"); // seconds a request may take to arrive
        }
        this.model = model;
        this.limits = settings.limits;
        this.logits = batcher(Output.LOGITS, settings);
        this.features = batcher(Output.FEATURES, settings);
        // More than all that may wait or run, so that the next one is refused instead of waiting unseen.
        int threads = 2 * (settings.queue + settings.batch) + 4;
        this.handlers = Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, "http");
            thread.setDaemon(true);
            return thread;
        });
        this.server = HttpServer.create(new InetSocketAddress(settings.host, settings.port), 0);
        server.setExecutor(handlers);
        server.createContext("/", this::handle);
        server.start();
    }

    private Optional<Batcher> batcher(Output output, Settings settings) {
        return model.outputs().contains(output)
                ? Optional.of(new Batcher(
                        crops -> model.ofCrops(crops, output), settings.batch, settings.delayMillis, settings.queue))
                : Optional.empty();
    }

    /** The port it listens on. */
    public int port() {
        return server.getAddress().getPort();
    }

    private record Answer(int code, String type, String text) {
        static Answer json(int code, ObjectNode json) {
            return new Answer(code, "application/json", json + "\n");
        }

        static Answer error(int code, String message) {
            return json(code, JsonFiles.object().put("error", message));
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        long start = System.nanoTime();
        try (exchange) {
            Answer answer;
            try {
                answer = answer(exchange);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                answer = Answer.error(503, "the server is stopping");
            } catch (RuntimeException e) {
                answer = Answer.error(500, String.valueOf(e.getMessage()));
            }
            answers.computeIfAbsent(answer.code, c -> new AtomicLong()).incrementAndGet();
            nanos.addAndGet(System.nanoTime() - start);
            if (answer.code == 503) {
                exchange.getResponseHeaders().set("Retry-After", "1");
            }
            exchange.getResponseHeaders().set("Content-Type", answer.type + "; charset=utf-8");
            exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
            byte[] bytes = answer.text.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(answer.code, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private Answer answer(HttpExchange exchange) throws IOException, InterruptedException {
        String method = exchange.getRequestMethod();
        String path = exchange.getRequestURI().getPath();
        return switch (path) {
            case "/" ->
                get(method, new Answer(200, "text/html", Page.of(model.card().name())));
            case "/health" ->
                get(
                        method,
                        Answer.json(
                                200,
                                JsonFiles.object()
                                        .put("status", "ok")
                                        .put("model", model.card().name())));
            case "/metrics" -> get(method, new Answer(200, "text/plain", metrics()));
            case "/predict" -> post(exchange, method, logits, true);
            case "/features" -> post(exchange, method, features, false);
            default -> Answer.error(404, "there is no " + path + "; try /predict, /features, /health, /metrics or /");
        };
    }

    private static Answer get(String method, Answer answer) {
        return method.equals("GET") ? answer : Answer.error(405, "expected GET, found " + method);
    }

    private Answer post(HttpExchange exchange, String method, Optional<Batcher> batcher, boolean classes)
            throws IOException, InterruptedException {
        if (!method.equals("POST")) {
            return Answer.error(405, "expected POST with the bytes of an image, found " + method);
        }
        if (batcher.isEmpty()) {
            return Answer.error(404, model.card().name() + " gives no " + (classes ? "classes" : "features"));
        }
        int most = (int) Math.min(limits.maxBytes(), Integer.MAX_VALUE - 9);
        byte[] bytes = exchange.getRequestBody().readNBytes(most + 1);
        if (bytes.length > most) {
            return Answer.error(413, "expected an image of at most " + most + " bytes");
        }
        RgbImage crop;
        try {
            crop = model.preprocessor().crop(ImageDecoder.decode(bytes, "the image", limits));
        } catch (ImageFormatException e) {
            return Answer.error(400, String.valueOf(e.getMessage()));
        }
        try {
            float[] row = batcher.get().submit(crop).get();
            return Answer.json(200, classes ? classes(row) : features(row));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Batcher.FullException) {
                return Answer.error(503, "too many images wait; try again in a second");
            }
            return Answer.error(
                    500, String.valueOf(e.getCause() == null ? e : e.getCause().getMessage()));
        }
    }

    private ObjectNode classes(float[] row) {
        float[] scores = Prediction.softmax(row);
        int best = Scores.argmax(scores);
        ObjectNode json = JsonFiles.object()
                .put("pred_label", best)
                .put("pred_score", scores[best])
                .put("pred_class", model.labels().name(best));
        ArrayNode top = json.putArray("top");
        for (int c : Scores.top(scores, TOP)) {
            top.addObject()
                    .put("label", c)
                    .put("score", scores[c])
                    .put("class", model.labels().name(c));
        }
        return json;
    }

    private static ObjectNode features(float[] row) {
        ObjectNode json = JsonFiles.object();
        ArrayNode features = json.putArray("features");
        for (float value : row) {
            features.add(value);
        }
        return json;
    }

    private String metrics() {
        StringBuilder text = new StringBuilder("# TYPE mocozoo_requests_total counter\n");
        long all = 0;
        for (Map.Entry<Integer, AtomicLong> entry : answers.entrySet()) {
            all += entry.getValue().get();
            text.append("mocozoo_requests_total{code=\"")
                    .append(entry.getKey())
                    .append("\"} ")
                    .append(entry.getValue().get())
                    .append('\n');
        }
        text.append("# TYPE mocozoo_request_seconds summary\nmocozoo_request_seconds_sum ")
                .append(nanos.get() / 1e9)
                .append("\nmocozoo_request_seconds_count ")
                .append(all)
                .append('\n');
        line(text, "mocozoo_images_total", "counter", sum(Batcher::images));
        line(text, "mocozoo_batches_total", "counter", sum(Batcher::batches));
        line(text, "mocozoo_queue_length", "gauge", sum(batcher -> batcher.waiting()));
        return text.toString();
    }

    private long sum(java.util.function.ToLongFunction<Batcher> what) {
        return logits.stream().mapToLong(what).sum()
                + features.stream().mapToLong(what).sum();
    }

    private static void line(StringBuilder text, String name, String type, long value) {
        text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
        text.append(name).append(' ').append(value).append('\n');
    }

    /** Answers what has arrived, takes nothing more. */
    @Override
    public void close() {
        server.stop(answers.isEmpty() ? 0 : GRACE_SECONDS);
        logits.ifPresent(Batcher::close);
        features.ifPresent(Batcher::close);
        handlers.shutdown();
        try {
            handlers.awaitTermination(GRACE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
