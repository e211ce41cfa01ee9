package io.mocozoo.evaluate.serve;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.mocozoo.evaluate.AttentionMap;
import io.mocozoo.evaluate.file.JsonFiles;
import io.mocozoo.evaluate.metric.Scores;
import io.mocozoo.image.ImageDecoder;
import io.mocozoo.image.ImageFormatException;
import io.mocozoo.image.ImageLimits;
import io.mocozoo.image.RgbImage;
import io.mocozoo.network.Output;
import io.mocozoo.runtime.Model;
import io.mocozoo.runtime.Prediction;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/**
 * A model behind HTTP. {@code POST /predict} and {@code POST /features} take the bytes of an image and answer JSON, {@code
 * POST /attention} answers a PNG of where the model looks; {@code GET /health}, {@code GET /metrics} (Prometheus' text format) and {@code GET /} (a page to drop a picture on). Closed by
 * whoever opened it; the model stays open.
 */
public final class ModelServer implements AutoCloseable {
    private static final int TOP = 5;
    private static final int GRACE_SECONDS = 5;
    private static final int ARRIVAL_SECONDS = 20;
    private static final int HANDLERS = 512;
    private static final String NO_FORM =
            "expected the bytes of the image themselves as the body, found a multipart form;"
                    + " send them as curl --data-binary @x.jpg does, instead of -F";

    private final Model model;
    private final ImageLimits limits;
    private final HttpServer server;
    private final ExecutorService handlers;
    private final Bodies bodies;
    private final DecodeLine decodes;
    private final Optional<Batcher<float[]>> logits;
    private final Optional<Batcher<float[]>> features;
    private final Optional<Batcher<RgbImage>> attention;
    private final Map<Integer, AtomicLong> answers = new ConcurrentSkipListMap<>();
    private final AtomicLong nanos = new AtomicLong();

    /**
     * How to serve.
     *
     * @param host to listen on
     * @param port to listen on; 0 for a free one
     * @param batch images run at once at most; 1 for models whose bits depend on the batch
     * @param delayMillis an image waits for others
     * @param queue images that may wait to be decoded, and then to be run; more are refused with 503
     * @param limits on images
     */
    public record Settings(String host, int port, int batch, int delayMillis, int queue, ImageLimits limits) {}

    /**
     * Begins to serve.
     *
     * @param attention draws where the model looks, if that is to be served; its model stays open
     */
    public ModelServer(Model model, Optional<AttentionMap> attention, Settings settings) throws IOException {
        if (System.getProperty("sun.net.httpserver.maxReqTime") == null) {
            System.setProperty("sun.net.httpserver.maxReqTime", Integer.toString(ARRIVAL_SECONDS));
        }
        this.model = model;
        this.limits = settings.limits;
        long heap = Runtime.getRuntime().maxMemory();
        this.bodies = new Bodies(heap / 4);
        this.decodes = new DecodeLine(
                DecodeLine.atOnce(limits, Runtime.getRuntime().availableProcessors(), heap), settings.queue);
        this.logits = batcher(Output.LOGITS, settings);
        this.features = batcher(Output.FEATURES, settings);
        this.attention =
                attention.map(map -> new Batcher<>(map::ofCrops, settings.batch, settings.delayMillis, settings.queue));
        // More than all that may wait or run, so that the next one is refused instead of waiting unseen; and many, as
        // the JDK's server holds a thread for each request that is still arriving.
        this.handlers = Handlers.atMost(Math.max(HANDLERS, 4 * (settings.queue + settings.batch)));
        this.server = HttpServer.create(new InetSocketAddress(settings.host, settings.port), 0);
        server.setExecutor(handlers);
        server.createContext("/", this::handle);
        server.start();
    }

    private Optional<Batcher<float[]>> batcher(Output output, Settings settings) {
        return model.outputs().contains(output)
                ? Optional.of(new Batcher<>(
                        crops -> model.ofCrops(crops, output), settings.batch, settings.delayMillis, settings.queue))
                : Optional.empty();
    }

    /** The port it listens on. */
    public int port() {
        return server.getAddress().getPort();
    }

    @SuppressWarnings("ArrayRecordComponent") // sent once, never compared
    private record Answer(int code, String type, byte[] body) {
        static Answer text(int code, String type, String text) {
            return new Answer(code, type + "; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
        }

        static Answer json(int code, ObjectNode json) {
            return text(code, "application/json", json + "\n");
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
            } catch (FullException e) {
                answer = Answer.error(503, "too many images wait; try again in a second");
            } catch (OutOfMemoryError e) {
                answer = Answer.error(
                        503, "too little memory for this image now; send a smaller one or try again later");
            } catch (RuntimeException e) {
                answer = Answer.error(500, String.valueOf(e.getMessage()));
            }
            answers.computeIfAbsent(answer.code, c -> new AtomicLong()).incrementAndGet();
            nanos.addAndGet(System.nanoTime() - start);
            if (answer.code == 503) {
                exchange.getResponseHeaders().set("Retry-After", "1");
            }
            exchange.getResponseHeaders().set("Content-Type", answer.type);
            exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
            if (exchange.getRequestMethod().equals("HEAD")) {
                exchange.getResponseHeaders().set("Content-Length", Integer.toString(answer.body.length));
                exchange.sendResponseHeaders(answer.code, -1);
                return;
            }
            exchange.sendResponseHeaders(answer.code, answer.body.length);
            exchange.getResponseBody().write(answer.body);
        }
    }

    private Answer answer(HttpExchange exchange) throws IOException, InterruptedException {
        String method = exchange.getRequestMethod();
        String path = exchange.getRequestURI().getPath();
        return switch (path) {
            case "/" ->
                get(method, Answer.text(200, "text/html", Page.of(model.card().name(), attention.isPresent())));
            case "/health" ->
                get(
                        method,
                        Answer.json(
                                200,
                                JsonFiles.object()
                                        .put("status", "ok")
                                        .put("model", model.card().name())));
            case "/metrics" -> get(method, Answer.text(200, "text/plain", metrics()));
            case "/predict" -> post(exchange, method, logits, "classes", this::classes);
            case "/features" -> post(exchange, method, features, "features", ModelServer::features);
            case "/attention" -> post(exchange, method, attention, "attention", ModelServer::png);
            default ->
                Answer.error(
                        404, "there is no " + path + "; try /predict, /features, /attention, /health, /metrics or /");
        };
    }

    private static Answer get(String method, Answer answer) {
        return method.equals("GET") || method.equals("HEAD")
                ? answer
                : Answer.error(405, "expected GET or HEAD, found " + method);
    }

    /** Makes an answer of what a session gave. */
    @FunctionalInterface
    private interface Answerer<T> {
        Answer of(T result) throws IOException;
    }

    private <T> Answer post(
            HttpExchange exchange, String method, Optional<Batcher<T>> batcher, String what, Answerer<T> answerer)
            throws IOException, InterruptedException {
        if (!method.equals("POST")) {
            return Answer.error(405, "expected POST with the bytes of an image, found " + method);
        }
        if (batcher.isEmpty()) {
            return Answer.error(404, model.card().name() + " gives no " + what + " here");
        }
        int most = (int) Math.min(limits.maxBytes(), Integer.MAX_VALUE - 9);
        RgbImage crop;
        try (Bodies.Body body = bodies.read(exchange.getRequestBody(), most)) {
            if (body.size() > most) {
                return Answer.error(413, "expected an image of at most " + most + " bytes");
            }
            byte[] bytes = body.bytes();
            crop = decodes.decode(() -> model.preprocessor().crop(ImageDecoder.decode(bytes, "the image", limits)));
        } catch (ImageFormatException e) {
            return Answer.error(400, isForm(exchange) ? NO_FORM : String.valueOf(e.getMessage()));
        }
        try {
            return answerer.of(batcher.get().submit(crop).get());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof FullException full) {
                throw full;
            }
            if (e.getCause() instanceof OutOfMemoryError memory) {
                throw memory;
            }
            return Answer.error(
                    500, String.valueOf(e.getCause() == null ? e : e.getCause().getMessage()));
        }
    }

    private static boolean isForm(HttpExchange exchange) {
        String type = exchange.getRequestHeaders().getFirst("Content-Type");
        return type != null && type.toLowerCase(Locale.ROOT).startsWith("multipart/");
    }

    private Answer classes(float... row) {
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
        return Answer.json(200, json);
    }

    private static Answer features(float... row) {
        ObjectNode json = JsonFiles.object();
        ArrayNode features = json.putArray("features");
        for (float value : row) {
            features.add(value);
        }
        return Answer.json(200, json);
    }

    private static Answer png(RgbImage drawn) throws IOException {
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(drawn.toBufferedImage(), "png", png);
        return new Answer(200, "image/png", png.toByteArray());
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

    private long sum(ToLongFunction<Batcher<?>> what) {
        return Stream.of(logits, features, attention)
                .flatMap(Optional::stream)
                .mapToLong(what)
                .sum();
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
        attention.ifPresent(Batcher::close);
        handlers.shutdown();
        try {
            handlers.awaitTermination(GRACE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
