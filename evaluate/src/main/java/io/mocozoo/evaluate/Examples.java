package io.mocozoo.evaluate;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.evaluate.file.JsonFiles;
import io.mocozoo.image.ImageDecoder;
import io.mocozoo.image.RgbImage;
import io.mocozoo.runtime.Model;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import javax.imageio.ImageIO;

/** The images worth a look: the mistakes the model was surest of, and the hits it was least sure of. */
final class Examples {
    private static final int MOST = 12;
    private static final int SIDE = 112;

    /** An image with what was right and what was said. */
    private record Example(int index, int label, int predicted, float score) {}

    /** The least worthy at the head; of equal scores the later image. */
    private final PriorityQueue<Example> mistakes = new PriorityQueue<>(Comparator.comparingDouble(Example::score)
            .thenComparing(Comparator.comparingInt(Example::index).reversed()));

    private final PriorityQueue<Example> hits = new PriorityQueue<>(Comparator.comparingDouble(Example::score)
            .thenComparing(Comparator.comparingInt(Example::index))
            .reversed());

    void add(int index, int label, int predicted, float[] scores) {
        if (label < 0) {
            return;
        }
        PriorityQueue<Example> queue = label == predicted ? hits : mistakes;
        queue.add(new Example(index, label, predicted, scores[predicted]));
        if (queue.size() > MOST) {
            queue.remove();
        }
    }

    /** Both lists with small pictures of what the model was fed. */
    ObjectNode json(Evaluation.Settings settings, Model model, int[] evaluated, List<String> names) throws IOException {
        ObjectNode json = JsonFiles.object();
        put(json.putArray("confidentMistakes"), mistakes, settings, model, evaluated, names);
        put(json.putArray("unsureHits"), hits, settings, model, evaluated, names);
        return json;
    }

    private static void put(
            ArrayNode array,
            PriorityQueue<Example> queue,
            Evaluation.Settings settings,
            Model model,
            int[] evaluated,
            List<String> names)
            throws IOException {
        List<Example> worthiestFirst = new ArrayList<>();
        PriorityQueue<Example> rest = new PriorityQueue<>(queue);
        while (!rest.isEmpty()) {
            worthiestFirst.add(0, rest.remove());
        }
        for (Example example : worthiestFirst) {
            array.addObject()
                    .put("path", settings.data().name(example.index))
                    .put("label", evaluated[example.label])
                    .put("name", names.get(example.label))
                    .put("predicted", evaluated[example.predicted])
                    .put("predictedName", names.get(example.predicted))
                    .put("score", example.score)
                    .put("jpeg", thumbnail(settings, model, example.index));
        }
    }

    /** In Base64; empty if the image has become unreadable since. */
    private static String thumbnail(Evaluation.Settings settings, Model model, int index) throws IOException {
        BufferedImage crop;
        try {
            RgbImage image = ImageDecoder.decode(
                    settings.data().read(index), settings.data().name(index), settings.limits());
            crop = model.preprocessor().crop(image).toBufferedImage();
        } catch (IOException e) {
            return "";
        }
        BufferedImage small = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_3BYTE_BGR);
        Graphics2D graphics = small.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        graphics.drawImage(crop, 0, 0, SIDE, SIDE, null);
        graphics.dispose();
        ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
        ImageIO.write(small, "jpg", jpeg);
        return Base64.getEncoder().encodeToString(jpeg.toByteArray());
    }
}
