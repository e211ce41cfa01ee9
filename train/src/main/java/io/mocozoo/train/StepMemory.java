package io.mocozoo.train;

import io.mocozoo.network.Classifier;
import io.mocozoo.network.MocoV3;
import io.mocozoo.network.Network;
import io.mocozoo.train.recipe.Recipe;
import io.mocozoo.train.torch.Precision;
import java.util.List;

/**
 * What a training needs beside its state, on one device; an estimate from the network's shapes, within a tenth of what
 * was measured.
 *
 * @param activations bytes of what a step holds at its fullest: its pictures, results of operations, gradients of
 *     results, and what the optimizer works with; of pieces where the batch is cut
 * @param host bytes of the process beside that: Java and the libraries, the first weights as Java drew them, and pictures
 *     of the batch in use and of two ahead
 */
public record StepMemory(long activations, long host) {
    private static final int FLOAT_BYTES = 4;
    private static final int WAITING = 4; // the batch in use lies there image by image and as one array
    private static final int FIRST_WEIGHTS = 2; // drawn, and copied to be handed over
    private static final long PROCESS_BYTES = 500_000_000; // measured, of trainings of next to nothing

    /**
     * The memory of a recipe.
     *
     * @param parameters of the network, the momentum encoder's included
     * @param learned those that get gradients
     */
    static StepMemory of(Recipe recipe, Network network, long parameters, long learned) {
        int side = recipe.data().crop();
        int views = network instanceof MocoV3 ? 2 : 1;
        long pictures = 3L * FLOAT_BYTES * side * side * views * recipe.batch();
        Activations backbone = Activations.in(Precision.of(recipe.precision()));
        network.backbone().pool(backbone, network.backbone().forward(backbone, List.of(3, side, side)));
        long update = recipe.optimizer().type().equals("adamw") ? FLOAT_BYTES * learned : 0; // roots of the squares
        long most = network instanceof MocoV3 moco
                ? contrastive(recipe, moco, backbone, update)
                : labelled(recipe, (Classifier) network, backbone, update);
        return new StepMemory(
                pictures + most, PROCESS_BYTES + WAITING * pictures + FIRST_WEIGHTS * FLOAT_BYTES * parameters);
    }

    /** Queries of both views with their graph, then the keys of one after the other, then back. */
    private static long contrastive(Recipe recipe, MocoV3 network, Activations backbone, long update) {
        Precision precision = Precision.of(recipe.precision());
        long batch = recipe.part();
        int width = network.backbone().width();
        Activations projector = Activations.in(precision);
        network.projector().forward(projector, List.of(width), width);
        Activations predictor = Activations.in(precision);
        network.predictor()
                .forward(
                        predictor,
                        List.of(network.projector().out()),
                        network.projector().out());
        long queries = 2 * batch * (projector.withGraph() + predictor.withGraph())
                + 2 * (projector.roundedWeights() + predictor.roundedWeights());
        long keys = 2 * batch * projector.results();
        long similarities = 2 * FLOAT_BYTES * batch * batch;
        long heads = queries + keys + similarities;
        boolean cut = recipe.microBatch() > 0 && recipe.microBatch() < batch;
        if (cut) {
            long piece = recipe.microBatch();
            long features = 4L * FLOAT_BYTES * batch * width;
            long back = piece * (backbone.withGraph() + backbone.widest()) + backbone.roundedWeights();
            return heads + features + Math.max(back, update);
        }
        long graph = 2 * (batch * backbone.withGraph() + backbone.roundedWeights());
        long momentum = batch * backbone.results();
        return heads + graph + Math.max(Math.max(momentum, batch * backbone.widest()), update);
    }

    /** A piece after the other, there and back; a frozen encoder needs no way back. */
    private static long labelled(Recipe recipe, Classifier network, Activations backbone, long update) {
        boolean probe = recipe.method() == Recipe.Method.LINEAR_PROBE;
        int rows = ClassifierTraining.rows(recipe.microBatch(), recipe.accumulate() == 1 ? 0 : recipe.part(), probe);
        long piece = rows == 0 ? recipe.batch() : Math.min(recipe.batch(), rows);
        long logits = 4L * FLOAT_BYTES * piece * network.classes();
        long held = probe
                ? piece * backbone.results()
                : piece * (backbone.withGraph() + backbone.widest()) + backbone.roundedWeights();
        return Math.max(held + logits, update);
    }
}
