package io.mocozoo.train;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.GradientCollector;
import io.mocozoo.train.optim.NormClip;
import io.mocozoo.train.optim.Optimizer;
import io.mocozoo.train.torch.Replicas;
import io.mocozoo.train.torch.TorchFunctions;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** What a step does whatever it learns: loss, gradients, their norms, clipping, update. */
final class Descent {
    private final TorchFunctions torch;
    private final Replicas replicas;
    private final Optimizer optimizer;
    private final LossScale lossScale;
    private final OptionalDouble largestNorm;

    Descent(
            TorchFunctions torch,
            Replicas replicas,
            Optimizer optimizer,
            LossScale lossScale,
            OptionalDouble largestNorm) {
        this.torch = torch;
        this.replicas = replicas;
        this.optimizer = optimizer;
        this.lossScale = lossScale;
        this.largestNorm = largestNorm;
    }

    /**
     * What the passes of a step found.
     *
     * @param value of the loss
     * @param featureDeviation as in {@link StepResult}
     * @param encoderMomentum as in {@link StepResult}
     * @param momentumNanos what the momentum encoder's following took
     */
    record Loss(double value, double featureDeviation, double encoderMomentum, long momentumNanos) {
        /** Of two parts of a batch. */
        Loss plus(Loss other) {
            return new Loss(
                    value + other.value,
                    featureDeviation + other.featureDeviation,
                    encoderMomentum + other.encoderMomentum,
                    momentumNanos + other.momentumNanos);
        }
    }

    /** Forward and backward over a batch, whole or in pieces; gradients add up. */
    @FunctionalInterface
    interface Passes {
        /**
         * Runs them.
         *
         * @param backward adds to the gradients of what learns
         */
        Loss run(Backward backward);
    }

    /** The way back through a graph. */
    interface Backward {
        /** From a loss, or a part of it; scaled on the way where the precision asks for it. */
        void from(NDArray loss);

        /** From a product with gradients that came back from a loss already. */
        void onwards(NDArray product);
    }

    /** One update; the step owns what the passes compute. */
    StepResult step(NDManager step, Passes passes, double learningRate, GradientObserver observer) {
        Loss loss;
        Stopwatch watch = new Stopwatch(torch);
        try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
            loss = passes.run(new Backward() {
                @Override
                public void from(NDArray scalar) {
                    NDArray scaled = lossScale.value() == 1
                            ? scalar
                            : torch.call(step, "multiply", scalar, step.create((float) lossScale.value()));
                    watch.backward(() -> collector.backward(scaled));
                }

                @Override
                public void onwards(NDArray product) {
                    watch.backward(() -> collector.backward(product));
                }
            });
        }
        watch.passed();
        Map<String, NDArray> gradients = replicas.gradients(step);
        if (lossScale.value() != 1) {
            NormClip.scale(torch, step, gradients.values(), 1 / lossScale.value());
        }
        observer.gradients(gradients);
        double norm = NormClip.norm(torch, step, gradients.values());
        if (Double.isFinite(loss.value()) && lossScale.skips(norm)) {
            optimizer.skip(step, gradients);
            return result(loss, norm, 0, true, watch);
        }
        double firstLayer = firstLayer(step, gradients);
        if (largestNorm.isPresent()) {
            NormClip.clip(torch, step, gradients.values(), norm, largestNorm.getAsDouble());
        }
        optimizer.step(step, gradients, learningRate);
        replicas.spread(step);
        return result(loss, norm, firstLayer, false, watch);
    }

    private static StepResult result(Loss loss, double norm, double firstLayer, boolean skipped, Stopwatch watch) {
        return new StepResult(
                loss.value(),
                norm,
                firstLayer,
                loss.featureDeviation(),
                loss.encoderMomentum(),
                skipped,
                watch.times(loss.momentumNanos()));
    }

    /** A scalar of any precision. */
    static double number(NDArray scalar) {
        return scalar.toType(DataType.FLOAT64, false).getDouble();
    }

    /** The norm of the gradient of the first layer that learns and holds a matrix; tokens and positions are no layers. */
    private double firstLayer(NDManager step, Map<String, NDArray> gradients) {
        return gradients.entrySet().stream()
                .filter(e -> e.getKey().startsWith("backbone.")
                        && e.getValue().getShape().dimension() > 1
                        && !e.getKey().endsWith("cls_token")
                        && !e.getKey().endsWith("pos_embed"))
                .findFirst()
                .map(e -> NormClip.norm(torch, step, List.of(e.getValue())))
                .orElse(0.0);
    }
}
