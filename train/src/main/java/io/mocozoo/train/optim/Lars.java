package io.mocozoo.train.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.mocozoo.train.torch.Parameters;
import io.mocozoo.train.torch.TorchFunctions;
import java.util.List;
import java.util.Map;

/**
 * Layer-wise adaptive rate scaling in mmpretrain's form: each parameter's rate is scaled by
 * eta |w| / (|g| + wd |w| + eps), and the rate is multiplied inside the momentum buffer. Unlike the paper and the original
 * MoCo v3 code, which keep the rate outside.
 *
 * @see <a href="https://arxiv.org/abs/1708.03888">You et al. 2017, algorithm 1</a>
 */
public final class Lars extends Optimizer {
    private static final double ETA = 0.001;
    private static final double EPSILON = 1e-8;

    private final double sgdMomentum;
    private final double weightDecay;

    /** An optimiser of what learns. */
    public Lars(
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
        double decay = weightDecay * rule.decay();
        double[] weightNorms = norms(step, weights(names));
        double[] gradientNorms = norms(step, of(gradients, names));
        for (int i = 0; i < names.size(); i++) {
            double rate = learningRate;
            if (!rule.excluded() && weightNorms[i] != 0 && gradientNorms[i] != 0) {
                rate *= ETA * weightNorms[i] / (gradientNorms[i] + decay * weightNorms[i] + EPSILON);
            }
            List<String> one = names.subList(i, i + 1);
            torch.update(
                    step,
                    "lars",
                    new TorchFunctions.Lists()
                            .list("w", weights(one))
                            .list("g", of(gradients, one))
                            .list("m", slot("momentum", one))
                            .one(step.create(new double[] {sgdMomentum, rate, decay})));
        }
    }

    private double[] norms(NDManager step, List<NDArray> arrays) {
        NDArray norms = torch.update(step, "norms", new TorchFunctions.Lists().list("g", arrays));
        return norms.toType(DataType.FLOAT64, false).toDoubleArray();
    }
}
