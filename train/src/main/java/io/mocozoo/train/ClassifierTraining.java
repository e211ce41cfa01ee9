package io.mocozoo.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.mocozoo.network.Classifier;
import io.mocozoo.network.Output;
import io.mocozoo.train.loss.CrossEntropy;
import io.mocozoo.train.optim.Optimizer;
import io.mocozoo.train.torch.Parameters;
import io.mocozoo.train.torch.TorchFunctions;
import io.mocozoo.train.torch.TorchOps;
import java.util.Objects;
import java.util.OptionalDouble;

/** A classifier learns from labels, one step at a time: a linear probe where only its head learns, else fine-tuning. */
public final class ClassifierTraining {
    private final TorchFunctions torch;
    private final Classifier network;
    private final Parameters parameters;
    private final CrossEntropy loss;
    private final boolean batchStatistics;
    private final Descent descent;

    /**
     * Training of a network.
     *
     * @param parameters its state; what learns is decided there
     * @param optimizer of the same parameters
     * @param batchStatistics whether batch norms use the batch's statistics; not in a probe of a frozen encoder
     * @param largestNorm gradients longer than this together are scaled down
     */
    public ClassifierTraining(
            TorchFunctions torch,
            Classifier network,
            Parameters parameters,
            Optimizer optimizer,
            CrossEntropy loss,
            boolean batchStatistics,
            OptionalDouble largestNorm) {
        this.torch = torch;
        this.network = network;
        this.parameters = parameters;
        this.loss = loss;
        this.batchStatistics = batchStatistics;
        this.descent = new Descent(torch, parameters, optimizer, largestNorm);
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
            return descent.step(step, () -> loss(step, images, targets, dropPath), learningRate, observer);
        }
    }

    private Descent.Loss loss(NDManager step, NDArray images, double[] targets, TorchOps.DropPath dropPath) {
        TorchOps ops = new TorchOps(torch, step, parameters, batchStatistics, dropPath);
        network.forward(ops, images);
        NDArray logits = Objects.requireNonNull(ops.results().get(Output.LOGITS));
        return new Descent.Loss(loss.loss(torch, step, logits, targets), 0);
    }
}
