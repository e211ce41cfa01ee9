package io.mocozoo.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.mocozoo.network.Classifier;
import io.mocozoo.network.Output;
import io.mocozoo.train.loss.CrossEntropy;
import io.mocozoo.train.optim.Optimizer;
import io.mocozoo.train.torch.Parameters;
import io.mocozoo.train.torch.Pass;
import io.mocozoo.train.torch.TorchFunctions;
import io.mocozoo.train.torch.TorchOps;
import java.util.Arrays;
import java.util.Objects;

/** A classifier learns from labels, one step at a time: a linear probe where only its head learns, else fine-tuning. */
public final class ClassifierTraining {
    private static final int FROZEN_ROWS = 64;

    private final TorchFunctions torch;
    private final Classifier network;
    private final Parameters parameters;
    private final CrossEntropy loss;
    private final Pass pass;
    private final Numbers numbers;
    private final Descent descent;

    /**
     * Training of a network.
     *
     * @param parameters its state; what learns is decided there
     * @param optimizer of the same parameters
     * @param pass {@link Pass#FROZEN} in a probe of a frozen encoder, else {@link Pass#LEARN}
     * @param numbers of the arithmetic
     */
    public ClassifierTraining(
            TorchFunctions torch,
            Classifier network,
            Parameters parameters,
            Optimizer optimizer,
            CrossEntropy loss,
            Pass pass,
            Numbers numbers) {
        this.torch = torch;
        this.network = network;
        this.parameters = parameters;
        this.loss = loss;
        this.pass = pass;
        this.numbers = numbers;
        this.descent = new Descent(torch, parameters, optimizer, numbers.lossScale(), numbers.largestNorm());
    }

    /**
     * One step.
     *
     * @param images [n, 3, h, w], normalised; taken over by the step
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

    /** A frozen encoder needs no activations for a way back, so that nothing is to be gained by many images at once. */
    private int rows() {
        return numbers.microBatch() == 0 && pass == Pass.FROZEN ? FROZEN_ROWS : numbers.microBatch();
    }

    /** The loss is a mean over images, so that pieces add up to it in proportion to their size. */
    private Descent.Loss passes(
            NDManager step, NDArray images, double[] targets, TorchOps.DropPath dropPath, Descent.Backward backward) {
        long batch = images.getShape().get(0);
        double sum = 0;
        for (Pieces.Range range : Pieces.of(batch, rows())) {
            try (NDManager piece = step.newSubManager()) {
                TorchOps ops = new TorchOps(torch, piece, parameters, pass, numbers.precision(), dropPath);
                network.forward(ops, range.of(images, piece));
                NDArray logits = Objects.requireNonNull(ops.results().get(Output.LOGITS));
                int from = Math.toIntExact(range.from() * network.classes());
                int to = Math.toIntExact(range.to() * network.classes());
                NDArray mean = loss.loss(torch, piece, logits, Arrays.copyOfRange(targets, from, to));
                NDArray share = range.size() == batch
                        ? mean
                        : torch.call(
                                piece,
                                "multiply",
                                mean,
                                piece.create((double) range.size() / batch).toType(mean.getDataType(), false));
                backward.from(share);
                sum += Descent.number(share);
            }
        }
        return new Descent.Loss(sum, 0, 0);
    }
}
