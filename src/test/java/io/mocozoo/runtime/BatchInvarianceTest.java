package io.mocozoo.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.mocozoo.ModelBuilder;
import io.mocozoo.Zoo;
import io.mocozoo.image.ImageLimits;
import io.mocozoo.image.RgbImage;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same image gives the same bits whatever it is batched with: results can be compared, and runs resumed. */
class BatchInvarianceTest {
    @TempDir
    Path cache;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "vit-tiny-p8_shapes",
                "resnet50_mocov3-100e-pre_8xb128-linear-coslr-90e_in1k",
                "mocov3_vit-small-p16_16xb256-amp-coslr-300e_in1k"
            })
    void bitsDependOnTheImageAlone(String name) throws Exception {
        int count = name.contains("shapes") ? 24 : 7;
        List<RgbImage> images =
                IntStream.range(0, count).mapToObj(EmbeddedModel::noise).toList();
        try (Zoo zoo = EmbeddedModel.zoo(cache)) {
            List<float[]> expected = run(zoo, name, images, 1, 1);
            for (int threads : new int[] {1, 2}) {
                for (int batch : new int[] {2, 3, 7}) {
                    List<float[]> found = run(zoo, name, images, threads, batch);
                    for (int i = 0; i < images.size(); i++) {
                        assertThat(found.get(i))
                                .as("image %d, threads %d, batch %d", i, threads, batch)
                                .containsExactly(expected.get(i));
                    }
                }
            }
        }
    }

    private static List<float[]> run(Zoo zoo, String name, List<RgbImage> images, int threads, int batch)
            throws Exception {
        ModelBuilder builder = zoo.configure(name)
                .pretrained(false)
                .settings(new Model.Settings(Device.CPU, threads, batch, ImageLimits.DEFAULT));
        try (Model model = builder.open()) {
            return model.predict(images).stream()
                    .map(p -> p.hasClasses()
                            ? p.predScores()
                            : p.features().orElseThrow().toArray())
                    .toList();
        }
    }
}
