package io.mocozoo.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import io.mocozoo.Zoo;
import io.mocozoo.onnx.GraphInput;
import io.mocozoo.runtime.Device;
import io.mocozoo.runtime.GraphFile;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluationBenchmarkTest {
    @TempDir
    Path folder;

    @Test
    void bothCasesAreMeasuredAgainstTheirLimit() throws Exception {
        Measured rows = new Measured();
        try (Zoo zoo =
                Zoo.builder().cache(folder.resolve("cache")).device(Device.CPU).build()) {
            GraphFile pixels = zoo.configure(Embedded.MODEL).prepare().stream()
                    .filter(g -> g.input() == GraphInput.PIXELS)
                    .findFirst()
                    .orElseThrow();
            new EvaluationBenchmark(Device.CPU, 1, 4, 20_000_000, rows)
                    .run(zoo.registry().get(Embedded.MODEL), pixels);
        }
        Map<String, Double> medians = rows.medians();
        assertThat(medians).hasSize(6);
        assertThat(medians.values()).allMatch(value -> value > 0);
        assertThat(medians).containsKeys("session alone, batch 4", "evaluate, batch 4", "evaluate, a tiny model");
        double ratio = medians.getOrDefault("evaluate over session alone, batch 4, in turns", 0.0);
        double bare = medians.getOrDefault("session alone, batch 4", 0.0);
        double whole = medians.getOrDefault("evaluate, batch 4", 0.0);
        // the median of ratios is near the ratio of medians, however noisy the machine
        assertThat(Math.log(ratio / 100) - Math.log(whole / bare)).isCloseTo(0, offset(2.0));
    }
}
