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
import java.util.function.Supplier;

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
     * What a forward pass found.
     *
     * @param value a scalar with gradients
     * @param featureDeviation as in {@link StepResult}
     */
    record Loss(NDArray value, double featureDeviation) {}

    /** One update; the step owns what the forward pass computes. */
    StepResult step(NDManager step, Supplier<Loss> forward, double learningRate, GradientObserver observer) {
        double value;
        double deviation;
        try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
            Loss loss = forward.get();
            deviation = loss.featureDeviation();
            collector.backward(loss.value());
            value = loss.value().toType(DataType.FLOAT64, false).getDouble();
        }
        Map<String, NDArray> gradients = parameters.gradients(step);
        observer.gradients(gradients);
        double norm = NormClip.norm(torch, step, gradients.values());
        double firstLayer = firstLayer(step, gradients);
        if (largestNorm.isPresent()) {
            NormClip.clip(torch, step, gradients.values(), norm, largestNorm.getAsDouble());
        }
        optimizer.step(step, gradients, learningRate);
        return new StepResult(value, norm, firstLayer, deviation);
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
