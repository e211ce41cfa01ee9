package io.mocozoo.goldens;

import com.fasterxml.jackson.databind.JsonNode;
import io.mocozoo.network.Network;
import io.mocozoo.network.Output;
import io.mocozoo.runtime.Tensor;

/** The goldens' names for results, in ours. */
final class GoldenOutputs {
    private GoldenOutputs() {}

    /** The output a golden is taken from. */
    static Output output(String golden, Network network) {
        boolean classifier = network.outputs().contains(Output.LOGITS);
        if (golden.startsWith("backbone_stage")) {
            return Output.of("stage" + (golden.charAt("backbone_stage".length()) - '0' + 1));
        }
        return switch (golden) {
            case "logits", "pred_score", "pred_label", "tensor_head" -> Output.LOGITS;
            case "tensor" -> classifier ? Output.LOGITS : Output.BACKBONE;
            case "extract_feat" -> classifier ? Output.FEATURES : Output.BACKBONE;
            case "extract_feat_backbone" -> Output.BACKBONE;
            case "extract_feat_neck", "extract_feat_pre_logits", "backbone" -> Output.FEATURES;
            case "neck", "projector" -> Output.PROJECTION;
            case "predictor" -> Output.PREDICTION;
            case "momentum_projection", "momentum_projector" -> Output.MOMENTUM_PROJECTION;
            case "backbone_raw", "backbone_featmap" -> Output.TOKENS;
            default -> throw new IllegalStateException("a golden of no known output: " + golden);
        };
    }

    /** A result as the golden has it stored: reduced, turned or whole. */
    static float[] values(String kind, JsonNode golden, Tensor found, int count) {
        boolean stage = kind.startsWith("backbone_stage");
        boolean mean = golden.has("stored") && golden.get("stored").textValue().equals("gap");
        if (kind.equals("pred_score")) {
            return softmax(found);
        } else if (kind.equals("pred_label")) {
            return labels(found);
        } else if (kind.equals("backbone_featmap")) {
            return featureMap(found);
        } else if (mean || (stage && kind.endsWith("_gap"))) {
            return means(found);
        } else if (stage && kind.endsWith("_mid64")) {
            return middle(found, count);
        }
        return found.toArray();
    }

    /** A softmax makes the absolute error of its logits the relative error of its scores. */
    static double tolerance(String kind, Tensor found, double relative) {
        if (!kind.equals("pred_score")) {
            return relative;
        }
        double largest = 1;
        for (float logit : found.toArray()) {
            largest = Math.max(largest, Math.abs(logit));
        }
        return relative * largest;
    }

    private static float[] labels(Tensor logits) {
        float[] labels = new float[logits.size(0)];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = argmax(logits.row(i).toArray());
        }
        return labels;
    }

    /** Tokens without the class token, [n, 1 + l, d] to [n, d, l]. */
    private static float[] featureMap(Tensor tokens) {
        int l = tokens.size(1) - 1;
        int d = tokens.size(2);
        float[] all = tokens.toArray();
        float[] map = new float[tokens.size(0) * l * d];
        for (int n = 0; n < tokens.size(0); n++) {
            for (int i = 0; i < l; i++) {
                for (int j = 0; j < d; j++) {
                    map[(n * d + j) * l + i] = all[(n * (l + 1) + i + 1) * d + j];
                }
            }
        }
        return map;
    }

    private static int argmax(float[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }

    private static float[] softmax(Tensor logits) {
        float[] all = new float[logits.elementCount()];
        for (int i = 0, at = 0; i < logits.size(0); i++) {
            float[] row = logits.row(i).toArray();
            double max = row[argmax(row)];
            double sum = 0;
            for (float v : row) {
                sum += Math.exp(v - max);
            }
            for (float v : row) {
                all[at++] = (float) (Math.exp(v - max) / sum);
            }
        }
        return all;
    }

    /** The mean over h and w, [n, c, h, w] to [n, c]. */
    private static float[] means(Tensor maps) {
        int plane = maps.size(2) * maps.size(3);
        float[] all = maps.toArray();
        float[] means = new float[all.length / plane];
        for (int i = 0; i < means.length; i++) {
            double sum = 0;
            for (int j = 0; j < plane; j++) {
                sum += all[i * plane + j];
            }
            means[i] = (float) (sum / plane);
        }
        return means;
    }

    /** The first channels of the pixel in the middle of the first map. */
    private static float[] middle(Tensor maps, int channels) {
        int h = maps.size(2);
        int w = maps.size(3);
        float[] all = maps.toArray();
        float[] values = new float[channels];
        for (int c = 0; c < channels; c++) {
            values[c] = all[(c * h + h / 2) * w + w / 2];
        }
        return values;
    }
}
