package io.mocozoo.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.mocozoo.checkpoint.CheckpointFormat;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The same targets for Jazzer. Without {@code JAZZER_FUZZ=1} in the environment each runs over its seeds once; with it,
 * and {@code -Dtest=CheckpointFuzzTest#pickle}, it searches for a minute, guided by coverage.
 */
class CheckpointFuzzTest {
    static Stream<byte[]> zips() {
        return Seeds.goldens(CheckpointFormat.TORCH_ZIP).stream();
    }

    static Stream<byte[]> legacies() {
        return Seeds.goldens(CheckpointFormat.TORCH_LEGACY).stream();
    }

    static Stream<byte[]> pickles() {
        return Seeds.pickles().stream();
    }

    static Stream<byte[]> registries() {
        return Seeds.registries().stream();
    }

    static Stream<byte[]> onnxFiles() {
        return Seeds.onnx().stream();
    }

    static Stream<byte[]> safetensorsFiles() {
        return Seeds.safetensors().stream();
    }

    @MethodSource("zips")
    @FuzzTest(maxDuration = "60s")
    void zip(byte[] bytes) throws IOException {
        CheckpointTarget.container(bytes);
    }

    @MethodSource("legacies")
    @FuzzTest(maxDuration = "60s")
    void legacy(byte[] bytes) throws IOException {
        CheckpointTarget.container(bytes);
    }

    @MethodSource("pickles")
    @FuzzTest(maxDuration = "60s")
    void pickle(byte[] bytes) throws IOException {
        CheckpointTarget.pickle(bytes);
    }

    @MethodSource("safetensorsFiles")
    @FuzzTest(maxDuration = "60s")
    void safetensors(byte[] bytes) throws IOException {
        CheckpointTarget.container(bytes);
    }

    @MethodSource("registries")
    @FuzzTest(maxDuration = "60s")
    void registry(byte[] bytes) {
        DocumentTarget.registry(bytes);
    }

    @MethodSource("onnxFiles")
    @FuzzTest(maxDuration = "60s")
    void onnx(byte[] bytes) throws IOException {
        DocumentTarget.onnx(bytes);
    }
}
