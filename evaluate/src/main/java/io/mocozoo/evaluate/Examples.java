package io.mocozoo.evaluate;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.evaluate.file.JsonFiles;
import io.mocozoo.image.ImageDecoder;
import io.mocozoo.image.RgbImage;
import io.mocozoo.runtime.Model;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** The images worth a look: the mistakes the model was surest of, and the hits it was least sure of. */
final class Examples {
    private static final int MOST = 12;

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
            ObjectNode json = array.addObject()
                    .put("path", settings.data().name(example.index))
                    .put("label", evaluated[example.label])
                    .put("name", names.get(example.label))
                    .put("predicted", evaluated[example.predicted])
                    .put("predictedName", names.get(example.predicted))
                    .put("score", example.score);
            try {
                RgbImage image = ImageDecoder.decode(
                        settings.data().read(example.index), settings.data().name(example.index), settings.limits());
                json.put("jpeg", Thumbnail.base64(model.preprocessor().crop(image)));
                if (settings.attention().isPresent()) {
                    json.put(
                            "attention",
                            Thumbnail.base64(settings.attention()
                                    .get()
                                    .of(List.of(image))
                                    .get(0)));
                }
            } catch (IOException e) {
                json.put("jpeg", ""); // it has become unreadable since
            }
        }
    }
}
