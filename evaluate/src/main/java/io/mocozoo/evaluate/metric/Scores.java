package io.mocozoo.evaluate.metric;

/** Arithmetic on the scores of one image. */
public final class Scores {
    private Scores() {}

    /** The index of the largest score; the first of equal ones. */
    public static int argmax(float[] scores) {
        int best = 0;
        for (int i = 1; i < scores.length; i++) {
            best = scores[i] > scores[best] ? i : best;
        }
        return best;
    }

    /** How many classes come before this one when scores fall; equal ones keep the order of their indices. */
    public static int rank(float[] scores, int label) {
        float own = scores[label];
        int before = 0;
        for (int i = 0; i < scores.length; i++) {
            if (scores[i] > own || (scores[i] == own && i < label)) {
                before++;
            }
        }
        return before;
    }

    /** The k best classes, best first; equal scores keep the order of their indices. */
    public static int[] top(float[] scores, int k) {
        int[] best = new int[Math.min(k, scores.length)];
        int filled = 0;
        for (int i = 0; i < scores.length; i++) {
            if (filled == best.length && !(scores[i] > scores[best[filled - 1]])) {
                continue;
            }
            int at = filled < best.length ? filled++ : filled - 1;
            while (at > 0 && scores[i] > scores[best[at - 1]]) {
                best[at] = best[at - 1];
                at--;
            }
            best[at] = i;
        }
        return best;
    }

    /** The negative logarithm of a class's probability, in nats, from logits: finite where the probability is 0. */
    public static double loss(float[] logits, int label, double inverseTemperature) {
        double max = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            max = Math.max(max, logit * inverseTemperature);
        }
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit * inverseTemperature - max);
        }
        return Math.log(sum) + max - logits[label] * inverseTemperature;
    }

    /** The squared distance of probabilities from the one-hot truth, 0 to 2. */
    public static double brier(float[] scores, int label) {
        double sum = 0;
        for (int i = 0; i < scores.length; i++) {
            double off = scores[i] - (i == label ? 1.0 : 0.0);
            sum += off * off;
        }
        return sum;
    }
}
