package io.mocozoo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mocozoo.Zoo;
import io.mocozoo.data.Shapes;
import io.mocozoo.evaluate.AttentionMap;
import io.mocozoo.evaluate.serve.ModelServer;
import io.mocozoo.image.ImageLimits;
import io.mocozoo.network.Output;
import io.mocozoo.runtime.Device;
import io.mocozoo.runtime.Model;
import io.mocozoo.runtime.Prediction;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServeTest {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @TempDir
    Path folder;

    private static HttpRequest post(ModelServer server, String path, byte[] body) {
        return HttpRequest.newBuilder(uri(server, path))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
    }

    private static URI uri(ModelServer server, String path) {
        return URI.create("http://127.0.0.1:" + server.port() + path);
    }

    private static JsonNode json(HttpResponse<String> response) throws IOException {
        return new ObjectMapper().readTree(response.body());
    }

    @Test
    void answersAreThoseOfTheModelUnderLoadToo() throws Exception {
        Shapes.write(folder, "val", 40, 0);
        List<Path> files = new ArrayList<>();
        try (var all = Files.walk(folder.resolve("val"))) {
            all.filter(Files::isRegularFile).sorted().forEach(files::add);
        }
        try (Zoo zoo = Zoo.builder()
                        .cache(folder.resolve("cache"))
                        .device(Device.CPU)
                        .build();
                Model model = zoo.configure(Embedded.MODEL).open();
                Model looks =
                        zoo.configure(Embedded.MODEL).outputs(Output.ATTENTION).open();
                ModelServer server = new ModelServer(
                        model,
                        Optional.of(new AttentionMap(looks)),
                        new ModelServer.Settings("127.0.0.1", 0, 8, 5, 64, new ImageLimits(1_000_000, 100_000)))) {
            List<CompletableFuture<HttpResponse<String>>> responses = new ArrayList<>();
            for (Path file : files) {
                responses.add(CLIENT.sendAsync(
                        post(server, "/predict", Files.readAllBytes(file)), HttpResponse.BodyHandlers.ofString()));
            }
            for (int i = 0; i < files.size(); i++) {
                HttpResponse<String> response = responses.get(i).get();
                assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
                Prediction expected = model.predict(files.get(i));
                assertThat(json(response).get("pred_label").intValue()).isEqualTo(expected.predLabel());
                assertThat(json(response).get("pred_score").floatValue()).isEqualTo(expected.predScore());
                assertThat(json(response).get("pred_class").textValue()).isEqualTo(expected.predClass());
                assertThat(json(response).get("top")).hasSize(5);
            }
            assertThat(json(CLIENT.send(
                                    post(server, "/features", Files.readAllBytes(files.get(0))),
                                    HttpResponse.BodyHandlers.ofString()))
                            .get("features"))
                    .hasSize(64);
            HttpResponse<byte[]> drawn = CLIENT.send(
                    post(server, "/attention", Files.readAllBytes(files.get(0))),
                    HttpResponse.BodyHandlers.ofByteArray());
            assertThat(drawn.headers().firstValue("Content-Type")).hasValue("image/png");
            assertThat(ImageIO.read(new ByteArrayInputStream(drawn.body())).getWidth())
                    .isEqualTo(48);
            refusals(server);
            String metrics = get(server, "/metrics").body();
            assertThat(metrics).contains("mocozoo_requests_total{code=\"200\"}", "mocozoo_images_total 42");
        }
    }

    private static void refusals(ModelServer server) throws Exception {
        HttpResponse<String> text = CLIENT.send(
                post(server, "/predict", "no picture".getBytes(StandardCharsets.UTF_8)),
                HttpResponse.BodyHandlers.ofString());
        assertThat(text.statusCode()).isEqualTo(400);
        assertThat(json(text).get("error").textValue()).contains("a format that no decoder knows");
        assertThat(CLIENT.send(post(server, "/predict", new byte[0]), HttpResponse.BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(400);
        assertThat(CLIENT.send(post(server, "/predict", new byte[100_001]), HttpResponse.BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(413);
        assertThat(CLIENT.send(post(server, "/health", new byte[1]), HttpResponse.BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(405);
        assertThat(get(server, "/predict").statusCode()).isEqualTo(405);
        assertThat(get(server, "/nothing").statusCode()).isEqualTo(404);
        assertThat(json(get(server, "/health")).get("status").textValue()).isEqualTo("ok");
        assertThat(get(server, "/").body()).contains("Drop a picture here");
    }

    private static HttpResponse<String> get(ModelServer server, String path) throws Exception {
        return CLIENT.send(HttpRequest.newBuilder(uri(server, path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void theCommandSaysWhereItListensAndEndsWhenAsked() throws Exception {
        Path output = folder.resolve("output.txt");
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "io.mocozoo.cli.Main",
                        "serve",
                        Embedded.MODEL,
                        "--port",
                        "0",
                        "--device",
                        "cpu",
                        "--json",
                        "--cache",
                        folder.resolve("cache").toString())
                .redirectOutput(output.toFile());
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        Process process = builder.start();
        try {
            for (int i = 0; i < 600 && !Files.readString(output).contains("}") && process.isAlive(); i++) {
                Thread.sleep(100);
            }
            String address =
                    new ObjectMapper().readTree(output.toFile()).get("address").textValue();
            HttpResponse<String> health = CLIENT.send(
                    HttpRequest.newBuilder(URI.create(address + "health")).build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(health.body()).contains(Embedded.MODEL);
            process.destroy();
            assertThat(process.waitFor(30, java.util.concurrent.TimeUnit.SECONDS))
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }
    }
}
