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
import io.mocozoo.train.torch.Replicas;
import io.mocozoo.train.torch.ReplicatedOps;
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
    private final Replicas replicas;
    private final InfoNce loss;
    private final EncoderMomentum encoderMomentum;
    private final Numbers numbers;
    private final Descent descent;

    /**
     * Training of a network.
     *
     * @param replicas its state on every device; what learns is decided there
     * @param optimizer of the first replica
     * @param loss compares queries and keys
     * @param encoderMomentum how the momentum encoder follows
     * @param numbers of the arithmetic
     */
    public MocoV3Training(
            TorchFunctions torch,
            MocoV3 network,
            Replicas replicas,
            Optimizer optimizer,
            InfoNce loss,
            EncoderMomentum encoderMomentum,
            Numbers numbers) {
        this.torch = torch;
        this.network = network;
        this.replicas = replicas;
        this.loss = loss;
        this.encoderMomentum = encoderMomentum;
        this.numbers = numbers;
        this.descent = new Descent(torch, replicas, optimizer, numbers.lossScale(), numbers.largestNorm());
    }

    /**
     * One step.
     *
     * @param view1 images augmented one way, [n, 3, h, w], normalised; taken over by the step; spread over the replicas
     * @param view2 the same images augmented another way
     * @param learningRate of this step
     */
    public StepResult step(NDArray view1, NDArray view2, double learningRate, GradientObserver observer) {
        try (NDManager step = torch.manager().newSubManager()) {
            view1.attach(step);
            view2.attach(step);
            return descent.step(step, backward -> parts(step, view1, view2, backward), learningRate, observer);
        }
    }

    /** Part by part; the momentum encoder follows once a step, as the online encoder moves once. */
    private Descent.Loss parts(NDManager step, NDArray view1, NDArray view2, Descent.Backward backward) {
        long images = view1.getShape().get(0);
        Descent.Loss sum = new Descent.Loss(0, 0, 0, 0);
        for (Pieces.Range range : Pieces.of(images, numbers.part())) {
            try (NDManager part = step.newSubManager()) {
                List<NDArray> x1 = replicas.scatter(part, range.of(view1, part));
                List<NDArray> x2 = replicas.scatter(part, range.of(view2, part));
                Share share = new Share((double) range.size() / images, range.from() == 0);
                sum = sum.plus(passes(part, x1, x2, share, backward));
            }
        }
        return sum;
    }

    /**
     * What a part is of its batch.
     *
     * @param weight of its loss
     * @param first whether the momentum encoder has yet to follow
     */
    private record Share(double weight, boolean first) {}

    /**
     * In pieces the backbone's features are cut from its graph: loss, projector and predictor see the whole batch, and the
     * gradient that reaches a feature is sent on when its piece goes through the backbone again.
     */
    private Descent.Loss passes(
            NDManager step, List<NDArray> x1, List<NDArray> x2, Share share, Descent.Backward backward) {
        boolean cut = numbers.microBatch() > 0
                && numbers.microBatch() < x1.get(0).getShape().get(0);
        ReplicatedOps ops = ops(step, Pass.LEARN);
        List<NDArray> features1 = cut ? leaf(features(step, ONLINE, x1)) : pooled(ops.at(ONLINE), x1);
        List<NDArray> features2 = cut ? leaf(features(step, ONLINE, x2)) : pooled(ops.at(ONLINE), x2);
        List<NDArray> q1 = projection(ops.at("neck"), features1);
        List<NDArray> q2 = projection(ops.at("neck"), features2);
        NDArray queries = replicas.collective().allGather(ops.detached(q1)).get(0);
        double deviation = Descent.number(torch.call(step, "deviation", queries));
        long before = System.nanoTime();
        double taken = share.first() ? replicas.onEach(step, this::follow) : 0;
        long following = System.nanoTime() - before;
        List<NDArray> k1 = keys(step, ops, x1);
        List<NDArray> k2 = keys(step, ops, x2);
        NDArray loss = ops.share(ops.mean(ops.sum(contrast(ops, q1, k2), contrast(ops, q2, k1))), share.weight());
        backward.from(loss);
        if (cut) {
            sendOn(step, x1, features1, backward);
            sendOn(step, x2, features2, backward);
        }
        return new Descent.Loss(Descent.number(loss), share.weight() * deviation, taken, following);
    }

    private ReplicatedOps ops(NDManager owner, Pass pass) {
        return replicas.ops(owner, pass, numbers.precision(), TorchOps.DropPath.NONE);
    }

    private List<NDArray> pooled(Ops<List<NDArray>> encoder, List<NDArray> view) {
        return network.backbone().pool(encoder, network.backbone().forward(encoder, view));
    }

    private List<NDArray> projection(Ops<List<NDArray>> neck, List<NDArray> features) {
        return network.projector().forward(neck, features, network.backbone().width());
    }

    /** What the momentum encoders make of a view, of all replicas' images; no gradient flows into it. */
    private List<NDArray> keys(NDManager step, ReplicatedOps ops, List<NDArray> view) {
        List<NDArray> features = features(step, MOMENTUM, view);
        return replicas.collective().allGather(ops.detached(projection(ops.at("momentum_encoder.module.1"), features)));
    }

    private static List<NDArray> leaf(List<NDArray> features) {
        features.forEach(own -> own.setRequiresGradient(true));
        return features;
    }

    /** A view's features piece by piece, as values alone: a piece's activations are gone before the next one comes. */
    private List<NDArray> features(NDManager step, String encoder, List<NDArray> view) {
        List<NDList> pieces = view.stream().map(own -> new NDList()).toList();
        pieces(view).forEach(range -> {
            try (NDManager piece = step.newSubManager()) {
                ReplicatedOps ops = ops(piece, Pass.VALUES);
                List<NDArray> features = pooled(ops.at(encoder), range.of(view, ops));
                for (int i = 0; i < features.size(); i++) {
                    features.get(i).attach(view.get(i).getManager());
                    pieces.get(i).add(features.get(i));
                }
            }
        });
        return pieces.stream().map(own -> NDArrays.concat(own, 0)).toList();
    }

    /** Sends the gradient of a view's features through the backbone, piece by piece. */
    private void sendOn(NDManager step, List<NDArray> view, List<NDArray> features, Descent.Backward backward) {
        List<NDArray> gradients = features.stream().map(NDArray::getGradient).toList();
        pieces(view).forEach(range -> {
            try (NDManager piece = step.newSubManager()) {
                ReplicatedOps ops = ops(piece, Pass.AGAIN);
                List<NDArray> again = pooled(ops.at(ONLINE), range.of(view, ops));
                backward.onwards(ops.total(ops.dot(again, range.of(gradients, ops))));
            }
        });
    }

    private List<Pieces.Range> pieces(List<NDArray> view) {
        return Pieces.of(view.get(0).getShape().get(0), numbers.microBatch());
    }

    private List<NDArray> contrast(ReplicatedOps ops, List<NDArray> queries, List<NDArray> keys) {
        List<NDArray> predictions = network.predictor()
                .forward(ops.at("head.predictor"), queries, network.projector().out());
        List<NDArray> losses = new ArrayList<>();
        for (int i = 0; i < predictions.size(); i++) {
            int rank = replicas.collective().firstRank() + i;
            losses.add(loss.loss(torch, ops.manager(i), predictions.get(i), keys.get(i), rank));
        }
        return losses;
    }

    /** The momentum encoder follows the online one: copied at step 0, averaged later; statistics are always copied. */
    private double follow(NDManager step, Parameters parameters) {
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
