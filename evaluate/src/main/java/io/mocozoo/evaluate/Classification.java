package io.mocozoo.evaluate;

import io.mocozoo.evaluate.metric.Scores;
import io.mocozoo.image.RgbImage;
import io.mocozoo.network.Classifier;
import io.mocozoo.network.Output;
import io.mocozoo.runtime.Model;
import io.mocozoo.runtime.Prediction;
import java.util.ArrayList;
import java.util.List;

/** What a classifier says of crops, with or without test-time augmentation. For one thread. */
final class Classification implements Pipeline.Session {
    private final Model model;
    private final int[] evaluated;
    private final boolean flip;
    private final Halving halving;

    /**
     * Over a model.
     *
     * @param evaluated classes whose logits count
     * @param flip whether the mirrored crop is asked too
     * @param batch images run at once, at most
     */
    Classification(Model model, int[] evaluated, boolean flip, int batch) {
        this.model = model;
        this.evaluated = evaluated.clone();
        this.flip = flip;
        this.halving = new Halving(batch);
    }

    /** Classes the model has; none for one that only gives features. */
    static int classes(Model model) {
        return model.card().network() instanceof Classifier classifier ? classifier.classes() : 0;
    }

    /** Images run at once at present. */
    int batch() {
        return halving.batch();
    }

    @Override
    public List<ImageResult> run(List<RgbImage> crops) {
        return halving.run(crops, some -> flip ? both(some) : plain(some));
    }

    private List<ImageResult> plain(List<RgbImage> crops) {
        return rows(crops).stream()
                .map(logits -> ImageResult.of(Scores.argmax(Prediction.softmax(logits)), logits))
                .toList();
    }

    /** As the reference: the mean of both softmaxes; the label that of the flipped view, which comes first. */
    private List<ImageResult> both(List<RgbImage> crops) {
        List<float[]> flipped = rows(crops.stream().map(Classification::flipped).toList());
        List<float[]> plain = rows(crops);
        List<ImageResult> results = new ArrayList<>();
        for (int i = 0; i < crops.size(); i++) {
            float[] first = Prediction.softmax(flipped.get(i));
            float[] second = Prediction.softmax(plain.get(i));
            float[] mean = new float[first.length];
            for (int c = 0; c < mean.length; c++) {
                mean[c] = (first[c] + second[c]) / 2;
            }
            results.add(ImageResult.of(Scores.argmax(first), mean));
        }
        return results;
    }

    private List<float[]> rows(List<RgbImage> crops) {
        List<float[]> rows = model.ofCrops(crops, Output.LOGITS);
        for (float[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                if (!Float.isFinite(row[i])) {
                    throw new IllegalStateException(model.card().name() + ": the logit of class " + i + " is " + row[i]
                            + ", expected a finite number; evaluate in precision fp32, or fetch the weights again");
                }
            }
        }
        if (evaluated.length == classes(model)) {
            return rows;
        }
        return rows.stream()
                .map(row -> {
                    float[] some = new float[evaluated.length];
                    for (int i = 0; i < some.length; i++) {
                        some[i] = row[evaluated[i]];
                    }
                    return some;
                })
                .toList();
    }

    private static RgbImage flipped(RgbImage image) {
        byte[] from = image.rgb();
        byte[] to = new byte[from.length];
        int width = image.width();
        for (int pixel = 0; pixel < from.length / 3; pixel++) {
            int mirrored = pixel - pixel % width + (width - 1 - pixel % width);
            System.arraycopy(from, 3 * pixel, to, 3 * mirrored, 3);
        }
        return new RgbImage(width, image.height(), to);
    }
}
