package io.mocozoo.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.mocozoo.network.Key;
import io.mocozoo.network.MocoV3;
import io.mocozoo.network.Ops;
import io.mocozoo.train.loss.InfoNce;
import io.mocozoo.train.optim.Optimizer;
import io.mocozoo.train.torch.Parameters;
import io.mocozoo.train.torch.TorchFunctions;
import io.mocozoo.train.torch.TorchOps;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * MoCo v3, one step at a time: queries of both views, then the momentum encoder moves, then its keys, then the
 * symmetrised loss, then the update.
 *
 * @see <a href="https://arxiv.org/abs/2104.02057">Chen et al. 2021, algorithm 1</a>
 */
public final class MocoV3Training {
    private final TorchFunctions torch;
    private final MocoV3 network;
    private final Parameters parameters;
    private final InfoNce loss;
    private final EncoderMomentum encoderMomentum;
    private final Descent descent;

    /**
     * Training of a network.
     *
     * @param parameters its state; what learns is decided there
     * @param optimizer of the same parameters
     * @param loss compares queries and keys
     * @param encoderMomentum how the momentum encoder follows
     * @param largestNorm gradients longer than this together are scaled down
     */
    public MocoV3Training(
            TorchFunctions torch,
            MocoV3 network,
            Parameters parameters,
            Optimizer optimizer,
            InfoNce loss,
            EncoderMomentum encoderMomentum,
            OptionalDouble largestNorm) {
        this.torch = torch;
        this.network = network;
        this.parameters = parameters;
        this.loss = loss;
        this.encoderMomentum = encoderMomentum;
        this.descent = new Descent(torch, parameters, optimizer, largestNorm);
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
            return descent.step(step, () -> loss(step, view1, view2), learningRate, observer);
        }
    }

    private Descent.Loss loss(NDManager step, NDArray view1, NDArray view2) {
        TorchOps ops = new TorchOps(torch, step, parameters, true, TorchOps.DropPath.NONE);
        NDArray q1 = projection(ops.at("backbone"), ops.at("neck"), view1);
        NDArray q2 = projection(ops.at("backbone"), ops.at("neck"), view2);
        double deviation = torch.call(step, "deviation", torch.call(step, "detached", q1))
                .toType(DataType.FLOAT64, false)
                .getDouble();
        follow(step);
        NDArray k1 = key(step, ops, view1);
        NDArray k2 = key(step, ops, view2);
        return new Descent.Loss(ops.add(contrast(step, ops, q1, k2), contrast(step, ops, q2, k1)), deviation);
    }

    private NDArray projection(Ops<NDArray> encoder, Ops<NDArray> neck, NDArray view) {
        NDArray pooled = network.backbone().pool(encoder, network.backbone().forward(encoder, view));
        return network.projector().forward(neck, pooled, network.backbone().width());
    }

    /** What the momentum encoder makes of a view; no gradient flows into it. */
    private NDArray key(NDManager step, TorchOps ops, NDArray view) {
        return torch.call(
                step,
                "detached",
                projection(ops.at("momentum_encoder.module.0"), ops.at("momentum_encoder.module.1"), view));
    }

    private NDArray contrast(NDManager step, TorchOps ops, NDArray query, NDArray key) {
        NDArray prediction = network.predictor()
                .forward(ops.at("head.predictor"), query, network.projector().out());
        return loss.loss(torch, step, prediction, key, 0);
    }

    /** The momentum encoder follows the online one: copied at step 0, averaged later; statistics are always copied. */
    private void follow(NDManager step) {
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
        if (steps == 0) {
            copy(step, momentum, online);
        } else {
            NDArray weight = step.create(encoderMomentum.at(steps));
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
