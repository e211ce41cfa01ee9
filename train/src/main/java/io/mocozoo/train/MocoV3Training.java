package io.mocozoo.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.mocozoo.network.Key;
import io.mocozoo.network.MocoV3;
import io.mocozoo.network.Ops;
import io.mocozoo.train.loss.InfoNce;
import io.mocozoo.train.optim.Optimizer;
import io.mocozoo.train.torch.Parameters;
import io.mocozoo.train.torch.Pass;
import io.mocozoo.train.torch.TorchFunctions;
import io.mocozoo.train.torch.TorchOps;
import java.util.ArrayList;
import java.util.List;

/**
 * MoCo v3, one step at a time: queries of both views, then the momentum encoder moves, then its keys, then the
 * symmetrised loss, then the update.
 *
 * @see <a href="https://arxiv.org/abs/2104.02057">Chen et al. 2021, algorithm 1</a>
 */
public final class MocoV3Training {
    private static final String ONLINE = "backbone";
    private static final String MOMENTUM = "momentum_encoder.module.0";

    private final TorchFunctions torch;
    private final MocoV3 network;
    private final Parameters parameters;
    private final InfoNce loss;
    private final EncoderMomentum encoderMomentum;
    private final Numbers numbers;
    private final Descent descent;

    /**
     * Training of a network.
     *
     * @param parameters its state; what learns is decided there
     * @param optimizer of the same parameters
     * @param loss compares queries and keys
     * @param encoderMomentum how the momentum encoder follows
     * @param numbers of the arithmetic
     */
    public MocoV3Training(
            TorchFunctions torch,
            MocoV3 network,
            Parameters parameters,
            Optimizer optimizer,
            InfoNce loss,
            EncoderMomentum encoderMomentum,
            Numbers numbers) {
        this.torch = torch;
        this.network = network;
        this.parameters = parameters;
        this.loss = loss;
        this.encoderMomentum = encoderMomentum;
        this.numbers = numbers;
        this.descent = new Descent(torch, parameters, optimizer, numbers.lossScale(), numbers.largestNorm());
    }

    /**
     * One step.
     *
     * @param view1 images augmented one way, [n, 3, h, w], normalised; taken over by the step
     * @param view2 the same images augmented another way
     * @param learningRate of this step
     */
    public StepResult step(NDArray view1, NDArray view2, double learningRate, GradientObserver observer) {
        try (NDManager step = torch.manager().newSubManager()) {
            view1.attach(step);
            view2.attach(step);
            return descent.step(step, backward -> passes(step, view1, view2, backward), learningRate, observer);
        }
    }

    /**
     * In pieces the backbone's features are cut from its graph: loss, projector and predictor see the whole batch, and the
     * gradient that reaches a feature is sent on when its piece goes through the backbone again.
     */
    private Descent.Loss passes(NDManager step, NDArray view1, NDArray view2, Descent.Backward backward) {
        boolean cut = numbers.microBatch() > 0
                && numbers.microBatch() < view1.getShape().get(0);
        TorchOps ops = new TorchOps(torch, step, parameters, Pass.LEARN, numbers.precision(), TorchOps.DropPath.NONE);
        NDArray features1 = cut ? leaf(features(step, ONLINE, view1)) : pooled(ops.at(ONLINE), view1);
        NDArray features2 = cut ? leaf(features(step, ONLINE, view2)) : pooled(ops.at(ONLINE), view2);
        NDArray q1 = projection(ops.at("neck"), features1);
        NDArray q2 = projection(ops.at("neck"), features2);
        double deviation = Descent.number(torch.call(step, "deviation", torch.call(step, "detached", q1)));
        double taken = follow(step);
        NDArray k1 = key(step, ops, view1);
        NDArray k2 = key(step, ops, view2);
        NDArray loss = ops.add(contrast(step, ops, q1, k2), contrast(step, ops, q2, k1));
        backward.from(loss);
        if (cut) {
            sendOn(step, view1, features1.getGradient(), backward);
            sendOn(step, view2, features2.getGradient(), backward);
        }
        return new Descent.Loss(Descent.number(loss), deviation, taken);
    }

    private NDArray pooled(Ops<NDArray> encoder, NDArray view) {
        return network.backbone().pool(encoder, network.backbone().forward(encoder, view));
    }

    private NDArray projection(Ops<NDArray> neck, NDArray features) {
        return network.projector().forward(neck, features, network.backbone().width());
    }

    /** What the momentum encoder makes of a view; no gradient flows into it. */
    private NDArray key(NDManager step, TorchOps ops, NDArray view) {
        NDArray features = features(step, MOMENTUM, view);
        return torch.call(step, "detached", projection(ops.at("momentum_encoder.module.1"), features));
    }

    private static NDArray leaf(NDArray features) {
        features.setRequiresGradient(true);
        return features;
    }

    /** A view's features piece by piece, as values alone: a piece's activations are gone before the next one comes. */
    private NDArray features(NDManager step, String encoder, NDArray view) {
        NDList pieces = new NDList();
        Pieces.of(view.getShape().get(0), numbers.microBatch()).forEach(range -> {
            try (NDManager piece = step.newSubManager()) {
                TorchOps ops = new TorchOps(
                        torch, piece, parameters, Pass.VALUES, numbers.precision(), TorchOps.DropPath.NONE);
                NDArray features = pooled(ops.at(encoder), range.of(view, piece));
                features.attach(step);
                pieces.add(features);
            }
        });
        return NDArrays.concat(pieces, 0);
    }

    /** Sends the gradient of a view's features through the backbone, piece by piece. */
    private void sendOn(NDManager step, NDArray view, NDArray gradient, Descent.Backward backward) {
        Pieces.of(view.getShape().get(0), numbers.microBatch()).forEach(range -> {
            try (NDManager piece = step.newSubManager()) {
                TorchOps ops =
                        new TorchOps(torch, piece, parameters, Pass.AGAIN, numbers.precision(), TorchOps.DropPath.NONE);
                NDArray features = pooled(ops.at(ONLINE), range.of(view, piece));
                backward.onwards(torch.call(piece, "dot", features, range.of(gradient, piece)));
            }
        });
    }

    private NDArray contrast(NDManager step, TorchOps ops, NDArray query, NDArray key) {
        NDArray prediction = network.predictor()
                .forward(ops.at("head.predictor"), query, network.projector().out());
        return loss.loss(torch, step, prediction, key, 0);
    }

    /** The momentum encoder follows the online one: copied at step 0, averaged later; statistics are always copied. */
    private double follow(NDManager step) {
        NDArray counter = parameters.get("momentum_encoder.steps");
        long steps = counter.getLong();
        List<NDArray> momentum = new ArrayList<>();
        List<NDArray> online = new ArrayList<>();
        List<NDArray> ownStatistics = new ArrayList<>();
        List<NDArray> statistics = new ArrayList<>();
        for (String name : parameters.names()) {
            String follower = follower(name);
            if (follower.isEmpty()) {
                continue;
            }
            boolean weight = parameters.key(name).kind() == Key.Kind.PARAMETER;
            (weight ? momentum : ownStatistics).add(parameters.get(follower));
            (weight ? online : statistics).add(parameters.get(name));
        }
        double taken = steps == 0 ? 1 : encoderMomentum.at(steps);
        if (steps == 0) {
            copy(step, momentum, online);
        } else {
            NDArray weight = step.create(taken);
            torch.update(
                    step,
                    "average",
                    new TorchFunctions.Lists()
                            .list("a", momentum)
                            .list("b", online)
                            .one(weight));
        }
        copy(step, ownStatistics, statistics);
        torch.update(step, "count", new TorchFunctions.Lists().list("g", List.of(counter)));
        return taken;
    }

    private void copy(NDManager step, List<NDArray> to, List<NDArray> from) {
        if (!to.isEmpty()) {
            torch.update(step, "copy", new TorchFunctions.Lists().list("a", to).list("b", from));
        }
    }

    /** The key in the momentum encoder that follows a key of the online one; empty if none does. */
    private static String follower(String name) {
        if (name.startsWith("backbone.")) {
            return "momentum_encoder.module.0." + name.substring("backbone.".length());
        }
        return name.startsWith("neck.") ? "momentum_encoder.module.1." + name.substring("neck.".length()) : "";
    }
}
