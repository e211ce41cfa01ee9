package io.mocozoo.train.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.mocozoo.train.torch.Parameters;
import io.mocozoo.train.torch.TorchFunctions;
import java.util.List;
import java.util.Map;

/**
 * Stochastic gradient descent with momentum as PyTorch has it: m = mu m + g + wd w, w = w - lr m; the learning rate
 * stays outside the buffer.
 */
public final class Sgd extends Optimizer {
    private final double sgdMomentum;
    private final double weightDecay;

    /** An optimiser of what learns. */
    public Sgd(
            TorchFunctions torch, Parameters parameters, ParameterRules rules, double sgdMomentum, double weightDecay) {
        super(torch, parameters, rules, List.of("momentum"));
        this.sgdMomentum = sgdMomentum;
        this.weightDecay = weightDecay;
    }

    @Override
    void update(
            NDManager step,
            ParameterRules.Rule rule,
            List<String> names,
            Map<String, NDArray> gradients,
            double learningRate) {
        double[] numbers = {sgdMomentum, learningRate, weightDecay * rule.decay()};
        torch.update(
                step,
                "sgd",
                new TorchFunctions.Lists()
                        .list("w", weights(names))
                        .list("g", of(gradients, names))
                        .list("m", slot("momentum", names))
                        .one(step.create(numbers)));
    }
}
