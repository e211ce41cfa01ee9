package io.mocozoo.evaluate;

import io.mocozoo.image.RgbImage;
import io.mocozoo.network.Network;
import io.mocozoo.network.Output;
import io.mocozoo.network.ResNet;
import io.mocozoo.runtime.Model;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Where a model looks, laid over the picture it was fed.
 *
 * <p>Of a vision transformer: the attention of the class token to each patch in the last layer, the mean over heads. Of a
 * ResNet classifier: the class activation map of the class it predicts, from least to most. Of a ResNet without classes,
 * which has no class to ask for: the energy of the last map, its squares summed over channels.
 *
 * @see <a href="https://arxiv.org/abs/1512.04150">Zhou et al. 2016, section 2, for class activation maps</a>
 */
public final class AttentionMap {
    private final Model model;
    private final Output output;

    /**
     * Maps of a model.
     *
     * @param model opened with {@link #output} of its network
     * @throws IllegalArgumentException if it was not
     */
    public AttentionMap(Model model) {
        this.model = model;
        this.output = output(model.card().network());
        if (!model.outputs().contains(output)) {
            throw new IllegalArgumentException(
                    model.card().name() + " was opened without " + output.word() + ", which its maps are drawn from");
        }
    }

    /** The output that shows where a network looks. */
    public static Output output(Network network) {
        if (network.outputs().contains(Output.CLASS_MAPS)) {
            return Output.CLASS_MAPS;
        }
        return network.backbone() instanceof ResNet ? Output.BACKBONE : Output.ATTENTION;
    }

    /** The crop of each picture with the map over it. */
    public List<RgbImage> of(List<RgbImage> images) {
        return ofCrops(images.stream().map(model.preprocessor()::crop).toList());
    }

    /** The same for pictures that are cropped already. */
    public List<RgbImage> ofCrops(List<RgbImage> crops) {
        List<RgbImage> drawn = new ArrayList<>();
        List<float[]> rows = model.ofCrops(crops, output);
        int first = model.shape(output)[0];
        for (int i = 0; i < crops.size(); i++) {
            float[] places =
                    switch (output) {
                        case CLASS_MAPS -> classMap(rows.get(i), first); // [classes, h, w]
                        case BACKBONE -> energy(rows.get(i), first); // [c, h, w]
                        default -> patches(rows.get(i), first); // [heads, 1 + l]
                    };
            drawn.add(over(crops.get(i), places));
        }
        return drawn;
    }

    /** The map of the class with the largest mean, which is its logit; 0 where it is least and 1 where it is most. */
    static float[] classMap(float[] maps, int classes) {
        int places = maps.length / classes;
        int best = 0;
        double most = Double.NEGATIVE_INFINITY;
        for (int c = 0; c < classes; c++) {
            double sum = 0;
            for (int p = 0; p < places; p++) {
                sum += maps[c * places + p];
            }
            if (sum > most) {
                most = sum;
                best = c;
            }
        }
        float[] map = Arrays.copyOfRange(maps, best * places, (best + 1) * places);
        float low = Float.POSITIVE_INFINITY;
        float high = Float.NEGATIVE_INFINITY;
        for (float value : map) {
            low = Math.min(low, value);
            high = Math.max(high, value);
        }
        float range = Math.max(Float.MIN_NORMAL, high - low);
        for (int p = 0; p < places; p++) {
            map[p] = (map[p] - low) / range;
        }
        return map;
    }

    /** The squares summed over channels, largest 1. */
    static float[] energy(float[] map, int channels) {
        float[] energy = new float[map.length / channels];
        float largest = Float.MIN_NORMAL;
        for (int p = 0; p < energy.length; p++) {
            for (int at = p; at < map.length; at += energy.length) {
                energy[p] += map[at] * map[at];
            }
            largest = Math.max(largest, energy[p]);
        }
        for (int p = 0; p < energy.length; p++) {
            energy[p] /= largest;
        }
        return energy;
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
