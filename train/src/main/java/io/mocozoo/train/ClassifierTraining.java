package io.mocozoo.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.mocozoo.network.Classifier;
import io.mocozoo.network.Output;
import io.mocozoo.train.loss.CrossEntropy;
import io.mocozoo.train.optim.Optimizer;
import io.mocozoo.train.torch.Pass;
import io.mocozoo.train.torch.Replicas;
import io.mocozoo.train.torch.ReplicatedOps;
import io.mocozoo.train.torch.TorchFunctions;
import io.mocozoo.train.torch.TorchOps;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** A classifier learns from labels, one step at a time: a linear probe where only its head learns, else fine-tuning. */
public final class ClassifierTraining {
    private static final int FROZEN_ROWS = 64;

    private final TorchFunctions torch;
    private final Classifier network;
    private final Replicas replicas;
    private final CrossEntropy loss;
    private final Pass pass;
    private final Predicate<String> frozen;
    private final Numbers numbers;
    private final Descent descent;

    /**
     * Training of a network.
     *
     * @param replicas its state on every device; what learns is decided there
     * @param optimizer of the first replica
     * @param pass {@link Pass#FROZEN} in a probe of a frozen encoder, else {@link Pass#LEARN}
     * @param frozen keys and scopes of layers that run as they do when they are evaluated
     * @param numbers of the arithmetic
     */
    public ClassifierTraining(
            TorchFunctions torch,
            Classifier network,
            Replicas replicas,
            Optimizer optimizer,
            CrossEntropy loss,
            Pass pass,
            Predicate<String> frozen,
            Numbers numbers) {
        this.torch = torch;
        this.network = network;
        this.replicas = replicas;
        this.loss = loss;
        this.pass = pass;
        this.frozen = frozen;
        this.numbers = numbers;
        this.descent = new Descent(torch, replicas, optimizer, numbers.lossScale(), numbers.largestNorm());
    }

    /**
     * One step.
     *
     * @param images [n, 3, h, w], normalised; taken over by the step; spread over the replicas
     * @param targets probabilities of the classes, row-major, [n, classes]
     * @param learningRate of this step
     * @param dropPath which residual branches are left out
     */
    public StepResult step(
            NDArray images,
            double[] targets,
            double learningRate,
            TorchOps.DropPath dropPath,
            GradientObserver observer) {
        try (NDManager step = torch.manager().newSubManager()) {
            images.attach(step);
            return descent.step(
                    step, backward -> passes(step, images, targets, dropPath, backward), learningRate, observer);
        }
    }

    /**
     * Images of a piece, 0 for all of the batch. Parts and pieces are one here: every image has a loss of its own. A frozen
     * encoder needs no activations for a way back, so that nothing is to be gained by many images at once.
     */
    static int rows(int microBatch, int part, boolean frozen) {
        if (microBatch == 0 && part == 0) {
            return frozen ? FROZEN_ROWS : 0;
        }
        return IntStream.of(microBatch, part).filter(rows -> rows > 0).min().getAsInt();
    }

    /** The loss is a mean over images, so that pieces add up to it in proportion to their size. */
    private Descent.Loss passes(
            NDManager step, NDArray images, double[] targets, TorchOps.DropPath dropPath, Descent.Backward backward) {
        List<NDArray> parts = replicas.scatter(step, images);
        long batch = parts.get(0).getShape().get(0);
        double sum = 0;
        for (Pieces.Range range : Pieces.of(
                batch,
                rows(
                        numbers.microBatch(),
                        numbers.part() / replicas.collective().replicas(),
                        pass == Pass.FROZEN))) {
            try (NDManager piece = step.newSubManager()) {
                ReplicatedOps ops = replicas.ops(piece, pass, numbers.precision(), dropPath);
                ReplicatedOps still = replicas.ops(piece, Pass.FROZEN, numbers.precision(), TorchOps.DropPath.NONE);
                network.forward(new StagedOps<>("", frozen, still, ops), range.of(parts, ops));
                List<NDArray> losses = new ArrayList<>();
                for (int i = 0; i < parts.size(); i++) {
                    NDArray logits = Objects.requireNonNull(ops.results(i).get(Output.LOGITS));
                    int from = Math.toIntExact((i * batch + range.from()) * network.classes());
                    int to = Math.toIntExact((i * batch + range.to()) * network.classes());
                    losses.add(loss.loss(torch, ops.manager(i), logits, Arrays.copyOfRange(targets, from, to)));
                }
                NDArray share = ops.share(ops.mean(losses), (double) range.size() / batch);
                backward.from(share);
                sum += Descent.number(share);
            }
        }
        return new Descent.Loss(sum, 0, 0, 0);
    }
}
