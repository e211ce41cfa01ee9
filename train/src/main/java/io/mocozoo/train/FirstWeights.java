package io.mocozoo.train;

import io.mocozoo.checkpoint.Checkpoint;
import io.mocozoo.checkpoint.KeyMap;
import io.mocozoo.checkpoint.ReadLimits;
import io.mocozoo.checkpoint.StateDictCheck;
import io.mocozoo.checkpoint.StoredTensor;
import io.mocozoo.network.Cost;
import io.mocozoo.network.Network;
import io.mocozoo.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What a training begins with: weights drawn from the seed, the encoder's from a checkpoint if one is given. */
final class FirstWeights {
    private FirstWeights() {}

    static Map<String, StoredTensor> of(Network network, Cost cost, Recipe recipe, Optional<Path> pretrained)
            throws IOException {
        double headStd = recipe.classifier() == null ? 0 : recipe.classifier().headStd(); // MoCo v3 has no head
        Map<String, StoredTensor> weights =
                TrainingInitialisation.draw(network, cost.keys().values(), recipe.seed(), headStd);
        if (pretrained.isPresent()) {
            takeEncoder(pretrained.get(), cost, weights);
        }
        return weights;
    }

    private static void takeEncoder(Path file, Cost cost, Map<String, StoredTensor> weights) throws IOException {
        Checkpoint.verifyNameDigest(file);
        try (Checkpoint checkpoint = Checkpoint.open(file, ReadLimits.DEFAULT)) {
            Map<String, StoredTensor> encoder = new TreeMap<>();
            KeyMap.toMmpretrain(checkpoint.stateDict(), cost.keys().keySet()).forEach((key, tensor) -> {
                if (isEncoder(key) && weights.containsKey(key)) {
                    encoder.put(key, tensor);
                }
            });
            List<String> needed =
                    cost.needed().stream().filter(FirstWeights::isEncoder).toList();
            StateDictCheck.check(file, encoder, cost.keys(), needed);
            for (Map.Entry<String, StoredTensor> entry : encoder.entrySet()) {
                StoredTensor tensor = entry.getValue(); // copied: it must outlive the open file
                weights.put(entry.getKey(), StoredTensor.ofBytes(tensor.dtype(), tensor.toBytes(), tensor.shape()));
            }
        }
    }

    private static boolean isEncoder(String key) {
        return key.startsWith("backbone.");
    }
}
