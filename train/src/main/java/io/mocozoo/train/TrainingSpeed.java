package io.mocozoo.train;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import io.mocozoo.data.Dataset;
import io.mocozoo.network.Cost;
import io.mocozoo.network.Network;
import io.mocozoo.train.augment.Views;
import io.mocozoo.train.optim.Optimizer;
import io.mocozoo.train.recipe.Recipe;
import io.mocozoo.train.torch.Parameters;
import io.mocozoo.train.torch.Precision;
import io.mocozoo.train.torch.Replicas;
import io.mocozoo.train.torch.TorchDevices;
import io.mocozoo.train.torch.TorchFunctions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How fast a recipe's steps are: a few of them from first weights, of which nothing is kept. */
public final class TrainingSpeed {
    /** Rates so small that no loss can run away. */
    private static final double RATE = 1e-6;

    private TrainingSpeed() {}

    /**
     * A step that was measured.
     *
     * @param data seconds of waiting for the batch
     * @param times of the step itself
     */
    public record Measured(double data, StepTimes times) {}

    /**
     * Steps, after one that warms up.
     *
     * @param steps how many, at least 1
     */
    public static List<Measured> measure(Recipe recipe, Dataset data, Hardware hardware, int steps)
            throws IOException, InterruptedException {
        Network network = recipe.network();
        Cost cost = Cost.of(network, recipe.data().crop(), recipe.data().crop());
        List<Device> devices = TorchDevices.of(hardware.devices());
        TorchDevices.threads(hardware.threads());
        List<Measured> measured = new ArrayList<>();
        try (TorchFunctions torch = TorchFunctions.load(devices.get(0));
                Parameters parameters = Parameters.of(
                        torch.manager(),
                        cost,
                        FirstWeights.of(network, cost, recipe, Optional.empty()),
                        DataType.FLOAT32,
                        TrainingPlan.learns(recipe, network));
                Replicas replicas = Replicas.of(torch, parameters, devices.subList(1, devices.size()));
                Loader loader = new Loader(
                        data,
                        Views.of(recipe.data()),
                        recipe.batch(),
                        devices.size(),
                        hardware.workers(),
                        recipe.seed(),
                        0,
                        0)) {
            Optimizer optimizer = Optimizer.of(recipe.optimizer(), torch, parameters);
            LossScale lossScale = new LossScale(Precision.of(recipe.precision()));
            Stepper stepper = Stepper.of(recipe, network, torch, replicas, optimizer, lossScale, steps + 2);
            for (int i = 0; i <= steps; i++) {
                long start = System.nanoTime();
                Loader.Batch batch = loader.next();
                double waited = (System.nanoTime() - start) / 1e9;
                StepTimes times = stepper.step(batch, RATE).times();
                if (i > 0) {
                    measured.add(new Measured(waited, times));
                }
            }
        }
        return measured;
    }
}
