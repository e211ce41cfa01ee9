package io.mocozoo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.Zoo;
import io.mocozoo.data.Shapes;
import io.mocozoo.evaluate.AttentionMap;
import io.mocozoo.evaluate.serve.ModelServer;
import io.mocozoo.image.ImageLimits;
import io.mocozoo.network.Output;
import io.mocozoo.runtime.Device;
import io.mocozoo.runtime.Model;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page of the server as a person uses it, in a browser where one is installed; driven over its DevTools socket. */
class ServePageTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @TempDir
    Path folder;

    /** A tab of a browser; scripts go in, their values come out, and what it complains of is kept. */
    private static final class Tab implements WebSocket.Listener {
        private final BlockingQueue<JsonNode> answers = new LinkedBlockingQueue<>();
        private final List<String> complaints = new java.util.concurrent.CopyOnWriteArrayList<>();
        private final StringBuilder text = new StringBuilder();
        private int last;

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean whole) {
            text.append(data);
            if (whole) {
                try {
                    JsonNode message = JSON.readTree(text.toString());
                    if (message.has("id")) {
                        answers.add(message);
                    } else if (message.path("method").asText().equals("Runtime.exceptionThrown")
                            || message.path("params").path("type").asText().equals("error")) {
                        complaints.add(message.toString());
                    }
                } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
                    complaints.add(e.toString());
                }
                text.setLength(0);
            }
            return WebSocket.Listener.super.onText(socket, data, whole);
        }

        JsonNode call(WebSocket socket, String method, ObjectNode parameters) throws Exception {
            ObjectNode message = JSON.createObjectNode().put("id", ++last).put("method", method);
            message.set("params", parameters);
            socket.sendText(message.toString(), true).get(30, TimeUnit.SECONDS);
            JsonNode answer = answers.poll(60, TimeUnit.SECONDS);
            assertThat(answer).as(method).isNotNull();
            return answer.path("result");
        }

        String script(WebSocket socket, String script) throws Exception {
            return call(socket, "Runtime.evaluate", JSON.createObjectNode().put("expression", script))
                    .path("result")
                    .path("value")
                    .asText();
        }

        void until(WebSocket socket, String script, String wanted) throws Exception {
            String found = "";
            for (int i = 0; i < 300 && !found.equals(wanted); i++) {
                found = script(socket, script);
                Thread.sleep(100);
            }
            assertThat(found).as(script).isEqualTo(wanted);
        }
    }

    @Test
    void aPictureChosenOrDroppedShowsClassesAndAttention() throws Exception {
        ProcessBuilder chromium =
                Chromium.builder(folder.resolve("profile"), "--remote-debugging-port=0", "about:blank");
        Shapes.write(folder, "val", 10, 0);
        Path star;
        try (Stream<Path> all = Files.walk(folder.resolve("val/star"))) {
            star = all.filter(Files::isRegularFile).findFirst().orElseThrow();
        }
        Path log = folder.resolve("browser.log");
        Process browser =
                chromium.redirectErrorStream(true).redirectOutput(log.toFile()).start();
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
                        new ModelServer.Settings("127.0.0.1", 0, 8, 5, 64, ImageLimits.DEFAULT))) {
            Tab tab = new Tab();
            WebSocket socket = CLIENT.newWebSocketBuilder()
                    .buildAsync(URI.create(tabAddress(log)), tab)
                    .get(30, TimeUnit.SECONDS);
            tab.call(socket, "Runtime.enable", JSON.createObjectNode());
            tab.call(
                    socket,
                    "Page.navigate",
                    JSON.createObjectNode().put("url", "http://127.0.0.1:" + server.port() + "/"));
            tab.until(
                    socket, "document.readyState + (document.getElementById('file') ? ' file' : '')", "complete file");
            assertThat(tab.script(socket, "getComputedStyle(document.getElementById('attention')).display"))
                    .isEqualTo("none"); // no broken picture before there is one
            String bytes = Base64.getEncoder().encodeToString(Files.readAllBytes(star));
            tab.script(
                    socket,
                    "var moved = new DataTransfer(); moved.items.add(new File([Uint8Array.from(atob('" + bytes
                            + "'), c => c.charCodeAt(0))], 'star.jpg', {type: 'image/jpeg'})); ''");
            for (String way : List.of(
                    "by('file').files = moved.files; by('file').dispatchEvent(new Event('change')); ''",
                    "by('drop').dispatchEvent(new DragEvent('drop', {dataTransfer: moved, cancelable: true})); ''")) {
                tab.script(socket, "by('said').textContent = ''; by('classes').textContent = ''; ''");
                tab.script(socket, way);
                tab.until(socket, "'' + by('classes').rows.length", "5");
                assertThat(tab.script(socket, "by('said').textContent")).isEqualTo("star");
                tab.until(socket, "by('attention').hidden + ' ' + by('attention').naturalWidth", "false 48");
            }
            byte[] picture = Base64.getDecoder()
                    .decode(tab.call(socket, "Page.captureScreenshot", JSON.createObjectNode())
                            .path("data")
                            .asText());
            Files.createDirectories(Path.of("target"));
            Files.write(Path.of("target", "serve-page.png"), picture); // to be looked at
            assertThat(tab.complaints).isEmpty();
            socket.abort();
        } finally {
            browser.destroy();
            if (!browser.waitFor(20, TimeUnit.SECONDS)) {
                browser.destroyForcibly().waitFor();
            }
        }
    }

    /** The browser says on its standard error where it listens. */
    private static String tabAddress(Path log) throws Exception {
        String mark = "DevTools listening on ws://";
        for (int i = 0; i < 600 && !Files.readString(log).contains(mark); i++) {
            Thread.sleep(100);
        }
        String said = Files.readString(log);
        assertThat(said).contains(mark);
        String rest = said.substring(said.indexOf(mark) + mark.length());
        URI list = URI.create("http://" + rest.substring(0, rest.indexOf('/')) + "/json/list");
        for (JsonNode target :
                JSON.readTree(CLIENT.send(HttpRequest.newBuilder(list).build(), HttpResponse.BodyHandlers.ofString())
                        .body())) {
            if (target.path("type").asText().equals("page")) {
                return target.path("webSocketDebuggerUrl").asText();
            }
        }
        throw new AssertionError("the browser has no tab");
    }
}
