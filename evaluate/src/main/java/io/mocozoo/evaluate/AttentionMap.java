package io.mocozoo.evaluate;

import io.mocozoo.image.RgbImage;
import io.mocozoo.network.Output;
import io.mocozoo.runtime.Model;
import io.mocozoo.runtime.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a vision transformer looks: the attention of the class token to each patch in the last layer, the mean over heads,
 * laid over the picture the model was fed.
 */
public final class AttentionMap {
    private final Model model;

    /**
     * Maps of a model.
     *
     * @param model opened with {@link Output#ATTENTION}
     * @throws IllegalArgumentException if it was not, or has none
     */
    public AttentionMap(Model model) {
        if (!model.outputs().contains(Output.ATTENTION)) {
            throw new IllegalArgumentException(
                    model.card().name() + " gives no attention; vision transformers do, opened with that output");
        }
        this.model = model;
    }

    /** The crop of each picture with the map over it. */
    public List<RgbImage> of(List<RgbImage> images) {
        List<RgbImage> drawn = new ArrayList<>();
        Tensor attention = model.extract(images, Output.ATTENTION); // [n, heads, 1 + l]
        for (int i = 0; i < images.size(); i++) {
            RgbImage crop = model.preprocessor().crop(images.get(i));
            drawn.add(over(crop, patches(attention.row(i).toArray(), attention.size(1))));
        }
        return drawn;
    }

    /** The mean over heads without the class token itself, largest 1. */
    static float[] patches(float[] attention, int heads) {
        int tokens = attention.length / heads;
        float[] patches = new float[tokens - 1];
        float largest = Float.MIN_NORMAL;
        for (int t = 1; t < tokens; t++) {
            float sum = 0;
            for (int h = 0; h < heads; h++) {
                sum += attention[h * tokens + t];
            }
            patches[t - 1] = sum;
            largest = Math.max(largest, sum);
        }
        for (int p = 0; p < patches.length; p++) {
            patches[p] /= largest;
        }
        return patches;
    }

    /** Bright where the map is high, dark and bluish where it is low. */
    static RgbImage over(RgbImage crop, float[] patches) {
        int grid = (int) Math.round(Math.sqrt(patches.length));
        int side = crop.width();
        byte[] from = crop.rgb();
        byte[] to = new byte[from.length];
        for (int y = 0; y < side; y++) {
            for (int x = 0; x < side; x++) {
                double value = at(patches, grid, (x + 0.5) * grid / side - 0.5, (y + 0.5) * grid / side - 0.5);
                int pixel = 3 * (y * side + x);
                for (int c = 0; c < 3; c++) {
                    double tint = c == 0 ? 255 * value : c == 1 ? 160 * value * value : 96 * (1 - value);
                    to[pixel + c] = (byte) Math.round(0.45 * (from[pixel + c] & 0xff) + 0.55 * tint);
                }
            }
        }
        return new RgbImage(side, side, to);
    }

    private static double at(float[] patches, int grid, double x, double y) {
        int left = (int) Math.floor(x);
        int top = (int) Math.floor(y);
        double right = x - left;
        double bottom = y - top;
        return (1 - bottom)
                        * ((1 - right) * cell(patches, grid, left, top) + right * cell(patches, grid, left + 1, top))
                + bottom
                        * ((1 - right) * cell(patches, grid, left, top + 1)
                                + right * cell(patches, grid, left + 1, top + 1));
    }

    private static double cell(float[] patches, int grid, int x, int y) {
        return patches[Math.min(grid - 1, Math.max(0, y)) * grid + Math.min(grid - 1, Math.max(0, x))];
    }
}
