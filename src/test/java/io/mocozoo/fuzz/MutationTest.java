package io.mocozoo.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.mocozoo.checkpoint.CheckpointFormat;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Damaged files for {@code -Dmocozoo.fuzzSeconds} (5 by default) per target. The first seeds are the same in every run;
 * a failure names its seed, and {@code -Dmocozoo.fuzzSeed} starts from it.
 */
class MutationTest {
    private static final long SECONDS = Long.getLong("mocozoo.fuzzSeconds", 5);
    private static final long FIRST_SEED = Long.getLong("mocozoo.fuzzSeed", 0);
    private static final Duration SLOWEST = Duration.ofSeconds(5);

    private interface Target {
        void accept(byte[] bytes) throws IOException;
    }

    static Stream<Arguments> targets() {
        return Stream.of(
                arguments("torch zip", CheckpointTarget::container, Seeds.goldens(CheckpointFormat.TORCH_ZIP)),
                arguments("torch legacy", CheckpointTarget::container, Seeds.goldens(CheckpointFormat.TORCH_LEGACY)),
                arguments("pickle", CheckpointTarget::pickle, Seeds.pickles()),
                arguments("safetensors", CheckpointTarget::container, Seeds.safetensors()),
                arguments("npy", CheckpointTarget::npy, Seeds.npys()),
                arguments("registry", DocumentTarget::registry, Seeds.registries()),
                arguments("onnx header", DocumentTarget::onnx, Seeds.onnx()));
    }

    private static Arguments arguments(String name, Target target, List<byte[]> seeds) {
        return Arguments.of(Named.of(name, target), Named.of(seeds.size() + " seeds", seeds));
    }

    @ParameterizedTest
    @MethodSource("targets")
    void anyAnswerButAResultOrAFormatExceptionIsABug(Target target, List<byte[]> seeds) {
        assertThat(seeds).isNotEmpty();
        Mutator mutator = new Mutator(seeds);
        long end = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
        for (long seed = FIRST_SEED; System.nanoTime() < end; seed++) {
            long start = System.nanoTime();
            try {
                target.accept(mutator.next(seed));
            } catch (IOException | RuntimeException | Error e) {
                throw new AssertionError("-Dmocozoo.fuzzSeed=" + seed + ": " + e, e);
            }
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .as("-Dmocozoo.fuzzSeed=%d", seed)
                    .isLessThan(SLOWEST);
        }
    }
}
