package io.mocozoo.train.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.mocozoo.train.torch.Parameters;
import io.mocozoo.train.torch.TorchFunctions;
import java.util.List;
import java.util.Map;

/**
 * Adam with decoupled weight decay in PyTorch's arithmetic: w = w (1 - lr wd), then
 * w = w - lr / (1 - b1^t) m / (sqrt(v) / sqrt(1 - b2^t) + eps).
 *
 * @see <a href="https://arxiv.org/abs/1711.05101">Loshchilov and Hutter 2019, algorithm 2</a>
 */
public final class AdamW extends Optimizer {
    private final double beta1;
    private final double beta2;
    private final double epsilon;
    private final double weightDecay;
    private long steps;

    /** An optimiser of what learns. */
    public AdamW(
            TorchFunctions torch,
            Parameters parameters,
            ParameterRules rules,
            double beta1,
            double beta2,
            double epsilon,
            double weightDecay) {
        super(torch, parameters, rules, List.of("mean", "variance"));
        this.beta1 = beta1;
        this.beta2 = beta2;
        this.epsilon = epsilon;
        this.weightDecay = weightDecay;
    }

    @Override
    void begin() {
        steps++;
    }

    @Override
    public long updates() {
        return steps;
    }

    @Override
    public void updates(long count) {
        steps = count;
    }

    @Override
    void update(
            NDManager step,
            ParameterRules.Rule rule,
            List<String> names,
            Map<String, NDArray> gradients,
            double learningRate) {
        double[] numbers = {
            beta1,
            beta2,
            epsilon,
            1 - learningRate * weightDecay * rule.decay(),
            learningRate / (1 - Math.pow(beta1, (double) steps)),
            Math.sqrt(1 - Math.pow(beta2, (double) steps))
        };
        torch.update(
                step,
                "adamw",
                new TorchFunctions.Lists()
                        .list("w", weights(names))
                        .list("g", of(gradients, names))
                        .list("m", slot("mean", names))
                        .list("v", slot("variance", names))
                        .one(step.create(numbers)));
    }
}
