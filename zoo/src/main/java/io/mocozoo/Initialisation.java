package io.mocozoo;

import io.mocozoo.checkpoint.StoredTensor;
import io.mocozoo.network.Backbone;
import io.mocozoo.network.Cost;
import io.mocozoo.network.Key;
import io.mocozoo.network.Network;
import io.mocozoo.network.Positions;
import io.mocozoo.network.SinCosPositions;
import io.mocozoo.network.VisionTransformer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Predicate;

/**
 * Weights for a model without any: the same seed gives the same model. Matrices and kernels are uniform in
 * +-1/sqrt(fan in) as PyTorch builds them, norms are the identity, biases, class tokens and learned positions zero,
 * sin-cos positions their table. For trying a model out; training starts from its recipe's own initialisation.
 */
final class Initialisation {
    private Initialisation() {}

    /** The weights of the wanted keys; each is what it would be among all. */
    static Map<String, StoredTensor> seeded(Network network, long seed, Predicate<String> wanted) {
        Map<String, StoredTensor> weights = new LinkedHashMap<>();
        Cost.of(network, 32, 32).keys().values().stream()
                .filter(k -> wanted.test(k.name()))
                .forEach(k -> weights.put(k.name(), tensor(k, network, seed)));
        return weights;
    }

    private static StoredTensor tensor(Key key, Network network, long seed) {
        int[] shape = key.shape().stream().mapToInt(Integer::intValue).toArray();
        if (key.kind() == Key.Kind.COUNTER) {
            return StoredTensor.ofLongs(new long[1], shape);
        }
        return StoredTensor.ofFloats(values(key, network.backbone(), seed), shape);
    }

    private static float[] values(Key key, Backbone backbone, long seed) {
        float[] values = new float[Math.toIntExact(key.elements())];
        List<Integer> shape = key.shape();
        if (key.name().endsWith("pos_embed")) {
            return backbone instanceof VisionTransformer vit && vit.positions() == Positions.SINCOS
                    ? SinCosPositions.table(vit.grid(), vit.embedDim())
                    : values;
        }
        if (shape.size() == 1) {
            boolean one = key.name().endsWith("weight") || key.name().endsWith("running_var");
            Arrays.fill(values, one ? 1f : 0f);
        } else if (!key.name().endsWith("cls_token")) {
            double bound = 1 / Math.sqrt(key.elements() / (double) shape.get(0));
            // one stream a key, so that adding a layer leaves the others as they were
            SplittableRandom random =
                    new SplittableRandom(seed * 31 + key.name().hashCode());
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) random.nextDouble(-bound, bound);
            }
        }
        return values;
    }
}
