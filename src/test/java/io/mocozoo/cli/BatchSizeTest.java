package io.mocozoo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.mocozoo.registry.ModelCard;
import io.mocozoo.registry.Registry;
import io.mocozoo.runtime.Device;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchSizeTest {
    @ParameterizedTest
    @CsvSource({"8524352, 2, 32", "1000000000, 2, 20", "4600000000, 2, 4", "4600000000, 64, 32", "61600000000, 2, 4"})
    void aCpuRunsFewImagesOfLargeModelsAtOnce(long flops, int threads, int images) {
        assertThat(BatchSize.onCpu(flops, threads)).isEqualTo(images);
    }

    @Test
    void aModelOfUnknownSizeIsTakenForASmallOne() {
        assertThat(BatchSize.onCpu(0, 1)).isEqualTo(32);
    }

    @Test
    void oneGpuAmongTheDevicesIsEnoughForManyImages() throws IOException {
        ModelCard large = Registry.builtIn().get("vit-base-p16_mocov3-pre_8xb64-coslr-150e_in1k");
        assertThat(BatchSize.of(large, List.of(Device.CPU), 2)).isEqualTo(4);
        assertThat(BatchSize.of(large, List.of(Device.CPU, new Device(Device.Kind.CUDA, 0)), 2))
                .isEqualTo(32);
    }
}
