package io.mocozoo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.mocozoo.Zoo;
import io.mocozoo.evaluate.serve.ModelServer;
import io.mocozoo.image.ImageLimits;
import io.mocozoo.runtime.Device;
import io.mocozoo.runtime.Model;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The server among clients that ask too much of it, or something else than it expects. */
class ServeLoadTest {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @TempDir
    Path folder;

    /** What is done with a server's address. */
    @FunctionalInterface
    private interface Use {
        void of(URI address) throws Exception;
    }

    private void serving(Use use) throws Exception {
        try (Zoo zoo = Zoo.builder()
                        .cache(folder.resolve("cache"))
                        .device(Device.CPU)
                        .build();
                Model model = zoo.configure(Embedded.MODEL).open();
                ModelServer server = new ModelServer(
                        model,
                        Optional.empty(),
                        new ModelServer.Settings("127.0.0.1", 0, 8, 5, 64, new ImageLimits(1_000_000, 100_000)))) {
            use.of(URI.create("http://127.0.0.1:" + server.port() + "/"));
        }
    }

    /** In a process of its own, which may run out of memory. */
    private void serving(Use use, List<String> jvm, String... options) throws Exception {
        Path output = Files.createTempFile(folder, "output", ".txt");
        List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        line.addAll(jvm);
        line.addAll(List.of("io.mocozoo.cli.Main", "serve", Embedded.MODEL, "--port", "0", "--device", "cpu"));
        line.addAll(List.of("--json", "--no-attention", "--cache"));
        line.add(folder.resolve("cache").toString());
        line.addAll(Arrays.asList(options));
        ProcessBuilder builder = new ProcessBuilder(line).redirectOutput(output.toFile());
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        Process process = builder.start();
        try {
            for (int i = 0; i < 600 && !Files.readString(output).contains("}") && process.isAlive(); i++) {
                Thread.sleep(100);
            }
            use.of(URI.create(
                    new ObjectMapper().readTree(output.toFile()).get("address").textValue()));
        } finally {
            process.destroyForcibly();
            process.waitFor(30, TimeUnit.SECONDS);
        }
    }

    private static HttpRequest.Builder request(URI address, String path) {
        return HttpRequest.newBuilder(address.resolve(path)).timeout(Duration.ofSeconds(60));
    }

    private static HttpRequest post(URI address, byte[] body) {
        return request(address, "predict")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
    }

    private static HttpResponse<String> send(HttpRequest request) throws Exception {
        return CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private static byte[] png(int side) throws IOException {
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(side, side, BufferedImage.TYPE_BYTE_BINARY), "png", png);
        return png.toByteArray();
    }

    @Test
    void aPictureThatTakesMoreMemoryThanThereIsGets503AndTheNextIsAnswered() throws Exception {
        byte[] large = png(9000);
        byte[] small = png(100);
        serving(
                address -> {
                    List<CompletableFuture<HttpResponse<String>>> all = Stream.generate(() -> post(address, large))
                            .limit(5)
                            .map(one -> CLIENT.sendAsync(one, HttpResponse.BodyHandlers.ofString()))
                            .toList();
                    for (CompletableFuture<HttpResponse<String>> one : all) {
                        assertThat(one.get().statusCode()).as(one.get().body()).isEqualTo(503);
                        assertThat(one.get().headers().firstValue("Retry-After"))
                                .hasValue("1");
                        assertThat(one.get().body()).contains("too little memory");
                    }
                    assertThat(send(post(address, small)).statusCode()).isEqualTo(200);
                },
                List.of("-Xmx128m"),
                "--max-pixels",
                "100000000");
    }

    @Test
    void withoutAnOptionAPictureOfMoreThan25MillionPixelsIsRefused() throws Exception {
        byte[] large = png(5001);
        serving(
                address -> {
                    HttpResponse<String> refused = send(post(address, large));
                    assertThat(refused.statusCode()).isEqualTo(400);
                    assertThat(refused.body()).contains("at most 25000000 pixels", "5001 x 5001");
                },
                List.of());
    }

    @Test
    void stalledUploadsHoldUpNobodyElse() throws Exception {
        byte[] picture = Files.readAllBytes(Embedded.picture(folder.resolve("a.png"), Color.RED));
        serving(address -> {
            List<Socket> stalled = new ArrayList<>();
            try {
                for (int i = 0; i < 170; i++) {
                    Socket socket = new Socket(address.getHost(), address.getPort());
                    stalled.add(socket);
                    socket.getOutputStream()
                            .write("POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc"
                                    .getBytes(StandardCharsets.US_ASCII));
                }
                Duration soon = Duration.ofSeconds(10);
                for (String path : List.of("health", "metrics")) {
                    assertThat(send(request(address, path).timeout(soon).build())
                                    .statusCode())
                            .isEqualTo(200);
                }
                assertThat(send(request(address, "predict")
                                        .timeout(soon)
                                        .POST(HttpRequest.BodyPublishers.ofByteArray(picture))
                                        .build())
                                .statusCode())
                        .isEqualTo(200);
            } finally {
                for (Socket socket : stalled) {
                    socket.close();
                }
            }
        });
    }

    @Test
    void headIsAnsweredLikeGetWithoutTheBody() throws Exception {
        serving(address -> {
            for (String path : List.of("health", "metrics", "")) {
                HttpResponse<String> head = send(request(address, path)
                        .method("HEAD", HttpRequest.BodyPublishers.noBody())
                        .build());
                HttpResponse<String> get = send(request(address, path).build());
                assertThat(head.statusCode()).isEqualTo(200);
                assertThat(head.body()).isEmpty();
                assertThat(head.headers().firstValue("Content-Type"))
                        .isEqualTo(get.headers().firstValue("Content-Type"));
                if (!path.equals("metrics")) { // whose text changes with each request
                    assertThat(head.headers().firstValue("Content-Length"))
                            .isEqualTo(get.headers().firstValue("Content-Length"));
                }
            }
            assertThat(send(request(address, "predict")
                                    .method("HEAD", HttpRequest.BodyPublishers.noBody())
                                    .build())
                            .statusCode())
                    .isEqualTo(405);
        });
    }

    @Test
    void aFormIsToldToSendTheBytesThemselves() throws Exception {
        String form =
                "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.jpg\"\r\n\r\nabc\r\n--x--\r\n";
        serving(address -> {
            HttpResponse<String> refused = send(request(address, "predict")
                    .header("Content-Type", "multipart/form-data; boundary=x")
                    .POST(HttpRequest.BodyPublishers.ofString(form))
                    .build());
            assertThat(refused.statusCode()).isEqualTo(400);
            assertThat(refused.body()).contains("the bytes of the image themselves", "curl --data-binary @x.jpg");
        });
    }
}
