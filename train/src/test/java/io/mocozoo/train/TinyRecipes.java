package io.mocozoo.train;

import io.mocozoo.train.recipe.Recipe;
import io.mocozoo.train.recipe.Recipes;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** Trainings of a few thousand weights on 16 pixels: a step takes milliseconds. */
final class TinyRecipes {
    private static final Map<String, String> BACKBONE = Map.of(
            "architecture.backbone.imageSize", "16",
            "architecture.backbone.patch", "4",
            "architecture.backbone.embedDim", "24",
            "architecture.backbone.depth", "2",
            "architecture.backbone.heads", "3",
            "architecture.backbone.mlpDim", "48",
            "data.crop", "16");

    private TinyRecipes() {}

    /** MoCo v3 with batches of 16, a checkpoint every other step and behind every epoch. */
    static Recipe pretraining(int epochs) throws IOException {
        return pretraining(epochs, Map.of());
    }

    /** The same with changes of one's own. */
    static Recipe pretraining(int epochs, Map<String, String> own) throws IOException {
        Map<String, String> changes = contrastive(epochs);
        changes.putAll(BACKBONE);
        changes.put("batch", "16");
        changes.put("baseBatch", "16");
        changes.put("checkpointSteps", "2");
        changes.put("checkpointEpochs", "1");
        changes.put("monitorEpochs", "0");
        changes.putAll(own);
        return Recipes.load("mocov3_vit-tiny-p8_shapes", changes);
    }

    /** MoCo v3 of a ResNet, whose batch norms see the other images of a batch. */
    static Recipe convolutional(int epochs, Map<String, String> own) throws IOException {
        Map<String, String> changes = contrastive(epochs);
        changes.put("data.crop", "16");
        changes.put("monitorEpochs", "0");
        changes.put("architecture.backbone.stemChannels", "4");
        changes.put("architecture.backbone.baseChannels", "4");
        changes.putAll(own);
        return Recipes.load("mocov3_resnet-tiny_shapes", changes);
    }

    /** What both have in common: small heads, one epoch of warm-up. */
    private static Map<String, String> contrastive(int epochs) {
        Map<String, String> changes = new HashMap<>();
        changes.put("architecture.projector.hidden", "32");
        changes.put("architecture.projector.out", "16");
        changes.put("architecture.predictor.hidden", "32");
        changes.put("architecture.predictor.out", "16");
        changes.put("epochs", String.valueOf(epochs));
        changes.put("schedule.0.end", "1");
        changes.put("schedule.1.begin", "1");
        changes.put("schedule.1.end", String.valueOf(epochs));
        return changes;
    }

    /** Fine-tuning for at least 2 epochs with all its regularisers, in batches of 32, a checkpoint every other step. */
    static Recipe fineTuning(int epochs) throws IOException {
        return fineTuning(epochs, Map.of());
    }

    /** The same with changes of one's own. */
    static Recipe fineTuning(int epochs, Map<String, String> own) throws IOException {
        Map<String, String> changes = new HashMap<>(BACKBONE);
        changes.put("architecture.head.classes", "10");
        changes.put("epochs", String.valueOf(epochs));
        changes.put("batch", "32");
        changes.put("checkpointSteps", "2");
        String warm = String.valueOf(Math.min(5, epochs - 1));
        changes.put("schedule.0.end", warm);
        changes.put("schedule.1.begin", warm);
        changes.put("schedule.1.end", String.valueOf(epochs));
        changes.put("classifier.averageWeight", "0.25");
        changes.put("monitorEpochs", "0");
        changes.putAll(own);
        return Recipes.load("vit-base-p16_8xb64-coslr-150e_in1k", changes);
    }
}
