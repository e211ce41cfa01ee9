package io.mocozoo.train;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.GradientCollector;
import io.mocozoo.network.Classifier;
import io.mocozoo.network.Output;
import io.mocozoo.train.loss.CrossEntropy;
import io.mocozoo.train.optim.NormClip;
import io.mocozoo.train.optim.Optimizer;
import io.mocozoo.train.torch.Parameters;
import io.mocozoo.train.torch.TorchFunctions;
import io.mocozoo.train.torch.TorchOps;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;

/** A classifier learns from labels, one step at a time: a linear probe where only its head learns, else fine-tuning. */
public final class ClassifierTraining {
    private final TorchFunctions torch;
    private final Classifier network;
    private final Parameters parameters;
    private final Optimizer optimizer;
    private final CrossEntropy loss;
    private final boolean batchStatistics;
    private final OptionalDouble largestNorm;

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
        this.optimizer = optimizer;
        this.loss = loss;
        this.batchStatistics = batchStatistics;
        this.largestNorm = largestNorm;
    }

    /**
     * One step.
     *
     * @param images [n, 3, h, w], normalised; taken over by the step
     * @param targets probabilities of the classes, row-major, [n, classes]
     * @param learningRate of this step
     * @param dropPath which residual branches are left out
     */
    public MocoV3Training.Result step(
            NDArray images,
            double[] targets,
            double learningRate,
            TorchOps.DropPath dropPath,
            MocoV3Training.Observer observer) {
        try (NDManager step = torch.manager().newSubManager()) {
            images.attach(step);
            double value;
            try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
                TorchOps ops = new TorchOps(torch, step, parameters, batchStatistics, dropPath);
                network.forward(ops, images);
                NDArray total = loss.loss(
                        torch, step, Objects.requireNonNull(ops.results().get(Output.LOGITS)), targets);
                collector.backward(total);
                value = total.toType(DataType.FLOAT64, false).getDouble();
            }
            Map<String, NDArray> gradients = parameters.gradients(step);
            observer.gradients(gradients);
            double norm = NormClip.norm(torch, step, gradients.values());
            double firstLayer = MocoV3Training.firstLayer(gradients, torch, step);
            if (largestNorm.isPresent()) {
                NormClip.clip(torch, step, gradients.values(), norm, largestNorm.getAsDouble());
            }
            optimizer.step(step, gradients, learningRate);
            return new MocoV3Training.Result(value, norm, firstLayer, 0);
        }
    }
}
