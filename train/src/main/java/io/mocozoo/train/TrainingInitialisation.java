package io.mocozoo.train;

import io.mocozoo.checkpoint.StoredTensor;
import io.mocozoo.network.Backbone;
import io.mocozoo.network.Key;
import io.mocozoo.network.Network;
import io.mocozoo.network.Positions;
import io.mocozoo.network.ResNet;
import io.mocozoo.network.SinCosPositions;
import io.mocozoo.network.VisionTransformer;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * First weights, as the reference draws them before training: ResNet's convolutions normal with deviation
 * sqrt(2 / fan out), ViT's matrices Xavier-uniform (queries, keys and values as three), projectors and predictors
 * uniform in +-1/sqrt(fan in), heads normal. From a seed; the reference's own random numbers are not reproduced.
 */
final class TrainingInitialisation {
    private TrainingInitialisation() {}

    static Map<String, StoredTensor> draw(Network network, Collection<Key> keys, long seed, double headStd) {
        Map<String, StoredTensor> weights = new LinkedHashMap<>();
        for (Key key : keys) {
            int[] shape = key.shape().stream().mapToInt(Integer::intValue).toArray();
            weights.put(
                    key.name(),
                    key.kind() == Key.Kind.COUNTER
                            ? StoredTensor.ofLongs(new long[1], shape)
                            : StoredTensor.ofFloats(values(key, network.backbone(), seed, headStd), shape));
        }
        return weights;
    }

    private static float[] values(Key key, Backbone backbone, long seed, double headStd) {
        float[] values = new float[Math.toIntExact(key.elements())];
        String name = key.name();
        List<Integer> shape = key.shape();
        // the momentum encoder starts as a copy: the same stream as what it follows
        String stream =
                name.replace("momentum_encoder.module.0.", "backbone.").replace("momentum_encoder.module.1.", "neck.");
        SplittableRandom random = new SplittableRandom(Loader.mix(seed, stream.hashCode()));
        if (name.endsWith("pos_embed")) {
            if (backbone instanceof VisionTransformer vit && vit.positions() == Positions.SINCOS) {
                return SinCosPositions.table(vit.grid(), vit.embedDim());
            }
            return normal(values, random, 0.02);
        } else if (name.endsWith("cls_token")) {
            return normal(values, random, 1e-6);
        } else if (shape.size() == 1) {
            boolean one = name.endsWith("weight") || name.endsWith("running_var");
            Arrays.fill(values, one ? 1f : 0f);
            return values;
        } else if (name.startsWith("head.") && !name.startsWith("head.predictor.")) {
            return normal(values, random, headStd);
        }
        long fanIn = key.elements() / shape.get(0);
        boolean encoder = stream.startsWith("backbone.");
        if (encoder && backbone instanceof ResNet) {
            long fanOut = key.elements() / shape.get(1);
            return normal(values, random, Math.sqrt(2.0 / (double) fanOut));
        } else if (encoder) {
            double rows = name.endsWith("qkv.weight") ? shape.get(0) / 3.0 : shape.get(0);
            return uniform(values, random, Math.sqrt(6 / ((double) fanIn + rows)));
        }
        return uniform(values, random, 1 / Math.sqrt((double) fanIn));
    }

    private static float[] normal(float[] values, SplittableRandom random, double deviation) {
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() * deviation);
        }
        return values;
    }

    private static float[] uniform(float[] values, SplittableRandom random, double bound) {
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-bound, bound);
        }
        return values;
    }
}
