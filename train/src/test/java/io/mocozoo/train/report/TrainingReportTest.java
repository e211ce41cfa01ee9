package io.mocozoo.train.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mocozoo.checkpoint.Safetensors;
import io.mocozoo.checkpoint.StoredTensor;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class TrainingReportTest {
    @TempDir
    Path folder;

    private void log(int steps, int knnEvery) throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(folder.resolve("scalars.jsonl"))) {
            for (int step = 1; step <= steps; step++) {
                out.write(String.format(
                        Locale.ROOT,
                        "{\"lr\": %.3e, \"data_time\": 0.01, \"grad_norm\": %.4f, \"loss\": %.4f, \"time\": 0.5,"
                                + " \"step\": %d, \"first_layer_grad_norm\": 0.01, \"images_per_second\": 120%s}%n",
                        1e-3 * step / steps,
                        step % 100 == 0 ? 30.0 : 1.0,
                        6 - 3.0 * step / steps,
                        step,
                        step % knnEvery == 0
                                ? ", \"knn_top1\": " + (40.0 - step / (double) steps) + ", \"accuracy/top1\": 50.5"
                                : ""));
            }
        }
    }

    private void checkpoint(String recipe) throws IOException {
        Safetensors.write(
                folder.resolve("last.safetensors"),
                Map.of("w", StoredTensor.ofFloats(new float[1], 1)),
                Map.of("recipe", recipe, "images", "100"));
    }

    /** The page between its head and its end, which is XML but for the entity-free parts HTML leaves open. */
    private static Document parsed(String page) throws Exception {
        String body = page.substring(page.indexOf("<body>"));
        String xml = body.substring(0, body.indexOf("</html>"));
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(xml)));
    }

    @Test
    void pageTellsWhatWasReachedAndDrawsWhatWasMeasured() throws Exception {
        log(40, 10);
        checkpoint("{\"name\": \"mine\", \"about\": \"a <test> & more\", \"batch\": 30, \"epochs\": 25}");
        Files.writeString(folder.resolve("unreadable.txt"), "a<b>.jpg\tno image\n");
        String page = Files.readString(TrainingReport.write(folder));
        assertThat(page)
                .contains("<dt>steps</dt><dd>40 of 100</dd>", "<dd>20.0 s</dd>", "<dt>last loss</dt><dd>3</dd>")
                .contains(
                        "39.8 % (step 10)",
                        "<dt>best top-1</dt><dd>50.5 % (step 10)</dd>",
                        "a &lt;test&gt; &amp; more",
                        "Unreadable images: 1",
                        "a&lt;b&gt;.jpg: no image")
                .contains("name=\"viewport\"")
                .doesNotContain("<test>", "http:", "https:", "<script", "Encoder momentum");
        Document document = parsed(page);
        NodeList figures = document.getElementsByTagName("figure");
        assertThat(figures.getLength()).isEqualTo(7); // loss, k-NN, accuracy, rate, norms, speed, times
        NodeList lines = document.getElementsByTagName("polyline");
        assertThat(lines.getLength()).isEqualTo(9);
        String loss = lines.item(0).getAttributes().getNamedItem("points").getNodeValue();
        double before = -1;
        for (String point : loss.split(" ")) { // a falling loss falls on the page too: its y grows
            double y = Double.parseDouble(point.split(",")[1]);
            assertThat(y).isGreaterThan(before);
            before = y;
        }
        assertThat(loss.split(" ")).hasSize(40);
        assertThat(TrainingReport.write(folder)).hasBinaryContent(page.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void manyStepsMakeNoLargerPage() throws Exception {
        log(40_000, 5000);
        Path page = TrainingReport.write(folder);
        assertThat(Files.size(page)).isLessThan(200_000);
        assertThat(Files.readString(page)).contains("greatest 30 ", "medians of up to 112 steps");
    }

    @Test
    void tornLineMissingAndDamagedCheckpointsAreNoObstacle() throws Exception {
        log(3, 100);
        Files.writeString(folder.resolve("scalars.jsonl"), "{\"loss\": 5, \"st", StandardOpenOption.APPEND);
        assertThat(Files.readString(TrainingReport.write(folder)))
                .contains("<dt>steps</dt><dd>3</dd>", "there is no last.safetensors yet");
        Files.writeString(folder.resolve("last.safetensors"), "damaged <here>");
        assertThat(Files.readString(TrainingReport.write(folder)))
                .contains("<dt>steps</dt><dd>3</dd>", "Not shown: ")
                .doesNotContain("<here>");
    }

    @Test
    void logWithoutAStepIsAnErrorThatSaysSo() throws Exception {
        Files.writeString(folder.resolve("scalars.jsonl"), "{\"st");
        assertThatThrownBy(() -> TrainingReport.write(folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("scalars.jsonl tells of no step yet");
        assertThat(folder.resolve("report.html")).doesNotExist();
    }
}
