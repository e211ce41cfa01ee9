package io.mocozoo.runtime;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** What a model says of one image: scores of classes, or for a pretraining model its feature. Immutable. */
public final class Prediction {
    private final float[] scores;
    private final Labels labels;
    private final Optional<Tensor> features;

    private Prediction(float[] scores, Labels labels, Optional<Tensor> features) {
        this.scores = scores;
        this.labels = labels;
        this.features = features;
    }

    static Prediction ofLogits(float[] logits, Labels labels) {
        return new Prediction(softmax(logits), labels, Optional.empty());
    }

    /** Probabilities of logits in single precision, as the reference has them; their exponentials are summed in double. */
    public static float[] softmax(float[] logits) {
        float max = Float.NEGATIVE_INFINITY;
        for (float logit : logits) {
            max = Math.max(max, logit);
        }
        float[] scores = new float[logits.length];
        double sum = 0;
        for (int i = 0; i < logits.length; i++) {
            double power = Math.exp(logits[i] - max);
            scores[i] = (float) power;
            sum += power;
        }
        for (int i = 0; i < scores.length; i++) {
            scores[i] = (float) (scores[i] / sum);
        }
        return scores;
    }

    /** A feature without classes. */
    static Prediction ofFeatures(Tensor features) {
        return new Prediction(new float[0], Labels.NONE, Optional.of(features));
    }

    /** Whether the model has classes; a pretraining model has none, only {@link #features}. */
    public boolean hasClasses() {
        return scores.length > 0;
    }

    private void needClasses() {
        if (!hasClasses()) {
            throw new IllegalStateException(
                    "a pretraining model has no classes; its feature is in features(), and info names the models"
                            + " with a head on the same encoder");
        }
    }

    /** The index of the largest score; the first of equal ones. */
    public int predLabel() {
        needClasses();
        int best = 0;
        for (int i = 1; i < scores.length; i++) {
            best = scores[i] > scores[best] ? i : best;
        }
        return best;
    }

    /** The largest score, in (0, 1]. */
    public float predScore() {
        return scores[predLabel()];
    }

    /** The name of the class with the largest score, or its index as text. */
    public String predClass() {
        return labels.name(predLabel());
    }

    /** Probabilities of all classes, summing to 1; a copy, empty for a pretraining model. */
    public float[] predScores() {
        return scores.clone();
    }

    /** The k best classes, best first; fewer if there are fewer. Equal scores keep the order of their indices. */
    public List<Scored> top(int k) {
        return IntStream.range(0, scores.length)
                .boxed()
                .sorted((a, b) -> Float.compare(scores[b], scores[a]))
                .limit(k)
                .map(i -> new Scored(i, labels.name(i), scores[i]))
                .toList();
    }

    /** The pooled feature [d] of a pretraining model. */
    public Optional<Tensor> features() {
        return features;
    }

    /**
     * A class with its score.
     *
     * @param label its index
     * @param name its name, or its index as text
     * @param score its probability
     */
    public record Scored(int label, String name, float score) {}

    @Override
    public String toString() {
        return hasClasses()
                ? predClass() + " (" + predLabel() + ") " + predScore()
                : "features " + features.orElseThrow();
    }
}
