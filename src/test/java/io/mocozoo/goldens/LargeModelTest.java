package io.mocozoo.goldens;

import static org.assertj.core.api.Assertions.assertThat;

import io.mocozoo.checkpoint.StoredTensor;
import io.mocozoo.checkpoint.TorchZip;
import io.mocozoo.cli.Main;
import io.mocozoo.network.Cost;
import io.mocozoo.registry.Registry;
import io.mocozoo.runtime.Jvm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

class LargeModelTest {
    private static final String NAME = "vit-large-p16_mocov3-pre_8xb64-coslr-100e_in1k";

    @Test
    @EnabledIfSystemProperty(
            named = "mocozoo.full",
            matches = "true",
            disabledReason = "writes 4 GB; the profile full runs it")
    void checkpointOfMoreThanAGigabyteConvertsInHalfOfOneOfHeap(@TempDir Path folder) throws Exception {
        Map<String, StoredTensor> weights = new LinkedHashMap<>();
        Cost.of(Registry.builtIn().get(NAME).network(), 224, 224)
                .keys()
                .values()
                .forEach(k -> weights.put(
                        k.name(),
                        Scheme.weight(
                                "large:",
                                k.name(),
                                k.shape().stream().mapToInt(Integer::intValue).toArray())));
        Path checkpoint = folder.resolve("large.pth");
        TorchZip.write(checkpoint, weights);
        assertThat(Files.size(checkpoint)).isGreaterThan(1L << 30);
        Path target = folder.resolve("large.onnx");
        Jvm.Ended ended = Jvm.run(
                List.of("-Xmx512m"),
                Main.class,
                "convert",
                checkpoint.toString(),
                "--model",
                NAME,
                "--cache",
                folder.resolve("cache").toString(),
                "--out",
                target.toString());
        assertThat(ended.code()).as(ended.output()).isZero();
        assertThat(ended.output()).contains("self-check within");
        assertThat(Files.size(target)).isGreaterThan(1L << 30);
    }
}
