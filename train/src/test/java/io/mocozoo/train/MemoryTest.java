package io.mocozoo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.mocozoo.network.Cost;
import io.mocozoo.network.MocoV3;
import io.mocozoo.registry.ArchitectureJson;
import io.mocozoo.train.loss.InfoNce;
import io.mocozoo.train.optim.Optimizer;
import io.mocozoo.train.recipe.Recipe;
import io.mocozoo.train.torch.Parameters;
import io.mocozoo.train.torch.Precision;
import io.mocozoo.train.torch.Replicas;
import io.mocozoo.train.torch.TorchFunctions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Everything a step makes is gone behind it. */
class MemoryTest {
    private static final int SIDE = 32;
    private static final int BATCH = 128;
    private static final float[] PICTURES = pictures(); // once: Java's own heap shall not grow either
    private static final int WARM_UP = 15;
    private static final int STEPS = 50;

    /** A step's activations are some 30 MB: a tenth of them kept behind each step would be more than this. */
    private static final long MOST_GROWTH = 100L << 20;

    @ParameterizedTest
    @ValueSource(ints = {0, 32})
    void fiftyStepsNeedNoMoreThanTheFirst(int microBatch) throws IOException, InterruptedException {
        Recipe recipe = TinyRecipes.pretraining(2, Map.of("architecture.backbone.imageSize", "32", "data.crop", "32"));
        MocoV3 network = (MocoV3) ArchitectureJson.read(recipe.architecture(), recipe.name());
        Cost cost = Cost.of(network, SIDE, SIDE);
        try (TorchFunctions torch = TorchFunctions.load();
                Parameters parameters = Parameters.of(
                        torch.manager(),
                        cost,
                        FirstWeights.of(network, cost, recipe, Optional.empty()),
                        DataType.FLOAT32,
                        name -> true)) {
            MocoV3Training training = new MocoV3Training(
                    torch,
                    network,
                    Replicas.one(torch, parameters),
                    Optimizer.of(recipe.optimizer(), torch, parameters),
                    new InfoNce(0.2),
                    new EncoderMomentum(0.01, STEPS),
                    new Numbers(Precision.FP32, new LossScale(Precision.FP32), microBatch, 0, OptionalDouble.of(3)));
            int arrays = 0;
            long resident = 0;
            for (int step = 1; step <= STEPS; step++) {
                training.step(images(torch.manager()), images(torch.manager()), 1e-4, gradients -> {});
                if (step == WARM_UP) {
                    arrays = arrays(torch.manager(), parameters.manager());
                    resident = resident();
                }
            }
            assertThat(arrays(torch.manager(), parameters.manager())).isEqualTo(arrays);
            assumeThat(resident).as("resident memory is known on Linux alone").isPositive();
            assertThat(resident() - resident).isLessThan(MOST_GROWTH);
        }
    }

    private static float[] pictures() {
        float[] values = new float[BATCH * 3 * SIDE * SIDE];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.sin(0.37 * i);
        }
        return values;
    }

    private static int arrays(NDManager... managers) {
        int count = 0;
        for (NDManager manager : managers) {
            count += manager.getManagedArrays().size();
        }
        return count;
    }

    /** Bytes of this process in memory, once collected buffers are gone; 0 where it cannot be told. */
    private static long resident() throws IOException, InterruptedException {
        long least = Long.MAX_VALUE;
        for (int look = 0; look < 10; look++) {
            System.gc(); // the buffers by which pictures came over: Java knows nothing of their weight,
            Thread.sleep(50); // and a thread of its own frees them some time after the collection
            least = Math.min(least, residentNow());
        }
        return least;
    }

    private static long residentNow() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.isReadable(status)) {
            return 0;
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .findFirst()
                .orElse(0);
    }

    private static NDArray images(NDManager manager) {
        return manager.create(PICTURES, new Shape(BATCH, 3, SIDE, SIDE));
    }
}
