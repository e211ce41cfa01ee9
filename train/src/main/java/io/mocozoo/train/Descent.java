package io.mocozoo.train;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.GradientCollector;
import io.mocozoo.train.optim.NormClip;
import io.mocozoo.train.optim.Optimizer;
import io.mocozoo.train.torch.Parameters;
import io.mocozoo.train.torch.TorchFunctions;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/** What a step does whatever it learns: loss, gradients, their norms, clipping, update. */
final class Descent {
    private final TorchFunctions torch;
    private final Parameters parameters;
    private final Optimizer optimizer;
    private final OptionalDouble largestNorm;

    Descent(TorchFunctions torch, Parameters parameters, Optimizer optimizer, OptionalDouble largestNorm) {
        this.torch = torch;
        this.parameters = parameters;
        this.optimizer = optimizer;
        this.largestNorm = largestNorm;
    }

    /**
     * What the passes of a step found.
     *
     * @param value of the loss
     * @param featureDeviation as in {@link StepResult}
     */
    record Loss(double value, double featureDeviation) {}

    /** Forward and backward over a batch, whole or in pieces; gradients add up. */
    @FunctionalInterface
    interface Passes {
        /**
         * Runs them.
         *
         * @param backward takes a scalar with gradients, and adds to those of what learns
         */
        Loss run(Consumer<NDArray> backward);
    }

    /** One update; the step owns what the passes compute. */
    StepResult step(NDManager step, Passes passes, double learningRate, GradientObserver observer) {
        Loss loss;
        try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
            loss = passes.run(collector::backward);
        }
        Map<String, NDArray> gradients = parameters.gradients(step);
        observer.gradients(gradients);
        double norm = NormClip.norm(torch, step, gradients.values());
        double firstLayer = firstLayer(step, gradients);
        if (largestNorm.isPresent()) {
            NormClip.clip(torch, step, gradients.values(), norm, largestNorm.getAsDouble());
        }
        optimizer.step(step, gradients, learningRate);
        return new StepResult(loss.value(), norm, firstLayer, loss.featureDeviation());
    }

    /** A scalar of any precision. */
    static double number(NDArray scalar) {
        return scalar.toType(DataType.FLOAT64, false).getDouble();
    }

    /** The norm of the gradient of the first layer that learns and holds a matrix. */
    private double firstLayer(NDManager step, Map<String, NDArray> gradients) {
        return gradients.entrySet().stream()
                .filter(e -> e.getKey().startsWith("backbone.")
                        && e.getValue().getShape().dimension() > 1
                        && !e.getKey().endsWith("cls_token"))
                .findFirst()
                .map(e -> NormClip.norm(torch, step, List.of(e.getValue())))
                .orElse(0.0);
    }
}
