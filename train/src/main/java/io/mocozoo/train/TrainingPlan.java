package io.mocozoo.train;

import io.mocozoo.network.Cost;
import io.mocozoo.network.Key;
import io.mocozoo.network.Network;
import io.mocozoo.network.Positions;
import io.mocozoo.network.VisionTransformer;
import io.mocozoo.train.optim.LearningRate;
import io.mocozoo.train.recipe.Recipe;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * What a training will take.
 *
 * @param images of the data set
 * @param stepsPerEpoch the last may see fewer images
 * @param steps of the whole training
 * @param parameters of the network, the momentum encoder's included
 * @param learned those that get gradients
 * @param multiplyAdds of one image, forward and backward; frozen stages count as if they learned
 * @param slots arrays kept for each one that learns: the optimizer's, and the average where there is one
 * @param memory of a step, beside the state
 * @param rates by step, from 0
 */
public record TrainingPlan(
        long images,
        long stepsPerEpoch,
        long steps,
        long parameters,
        long learned,
        long multiplyAdds,
        int slots,
        StepMemory memory,
        LearningRate rates) {
    private static final int FLOAT_BYTES = 4;
    private static final String ENCODER = "backbone.";

    /**
     * The plan of a recipe.
     *
     * @param images of the data set
     * @param learningRate of the recipe's batch
     */
    public static TrainingPlan of(Recipe recipe, long images, double learningRate) {
        Network network = recipe.network();
        int side = recipe.data().crop();
        Cost cost = Cost.of(network, side, side);
        long stepsPerEpoch = (images + recipe.batch() - 1) / recipe.batch();
        Predicate<String> learns = learns(recipe, network);
        long learned = cost.keys().values().stream()
                .filter(key -> key.kind() == Key.Kind.PARAMETER && learns.test(key.name()))
                .mapToLong(TrainingPlan::size)
                .sum();
        long forward = Objects.requireNonNull(cost.flops().get(network.costAt()));
        // backward costs twice the forward pass; MoCo v3 runs two views with gradients, which a cut sends through the
        // backbone once more, and two without
        boolean cut = recipe.microBatch() > 0 && recipe.microBatch() < recipe.part();
        long passes =
                switch (recipe.method()) {
                    case MOCO_V3 -> 2 * (cut ? 4 : 3) + 2;
                    case LINEAR_PROBE -> 1;
                    case FINE_TUNE -> 3;
                };
        return new TrainingPlan(
                images,
                stepsPerEpoch,
                stepsPerEpoch * recipe.epochs(),
                cost.parameters(),
                learned,
                passes * forward,
                (recipe.optimizer().type().equals("adamw") ? 2 : 1) + (averages(recipe) ? 1 : 0),
                StepMemory.of(recipe, network, cost.parameters(), learned),
                LearningRate.of(recipe.schedule(), learningRate, stepsPerEpoch));
    }

    /** Whether the weights that are shipped are averages over the steps. */
    static boolean averages(Recipe recipe) {
        return recipe.classifier() != null && recipe.classifier().averageWeight() > 0;
    }

    private static long size(Key key) {
        return key.shape().stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
    }

    /** Bytes of weights, gradients, the optimizer's arrays and averages. */
    public long stateBytes() {
        return FLOAT_BYTES * (parameters + learned * (1 + slots));
    }

    /** Bytes of the device's memory at the fullest moment of a step, state included; an estimate. */
    public long peakBytes() {
        return stateBytes() + memory.activations();
    }

    /**
     * What gets gradients: never the momentum encoder, nor fixed positions; a probe freezes the whole encoder, fine-tuning the
     * stages it is told to, and MoCo v3 the patch projection of its own ViTs, which are those of fixed positions.
     */
    static Predicate<String> learns(Recipe recipe, Network network) {
        boolean fixed = network.backbone() instanceof VisionTransformer vit && vit.positions() == Positions.SINCOS;
        boolean probe = recipe.method() == Recipe.Method.LINEAR_PROBE;
        Predicate<String> frozen = frozen(recipe, network);
        return name -> !name.startsWith("momentum_encoder.")
                && !(probe && name.startsWith(ENCODER))
                && !frozen.test(name)
                && !(fixed && name.endsWith("pos_embed"))
                && !(fixed && recipe.method() == Recipe.Method.MOCO_V3 && name.contains("patch_embed."));
    }

    /** What belongs to the frozen stages of fine-tuning: keys, and scopes of layers. */
    static Predicate<String> frozen(Recipe recipe, Network network) {
        int stages = recipe.frozenStages();
        return name -> stages > 0
                && name.startsWith(ENCODER)
                && network.backbone().stage(name.substring(ENCODER.length())) <= stages;
    }
}
