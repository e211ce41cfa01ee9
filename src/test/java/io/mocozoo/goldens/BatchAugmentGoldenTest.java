package io.mocozoo.goldens;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.mocozoo.train.augment.CutMix;
import io.mocozoo.train.augment.MixBatch;
import io.mocozoo.train.augment.Mixup;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Mixup and CutMix against the reference. */
class BatchAugmentGoldenTest {
    private static final JsonNode GOLDEN = Goldens.index("training").get("batch_augments");
    private static final Map<String, double[]> EXPECTED =
            Goldens.npz(GOLDEN.get("file").asText());

    @Test
    void mixupBlendsAsTheReference() {
        MixBatch batch = batch();
        Mixup.mix(batch, GOLDEN.get("lam").asDouble(), ints("permutation"));
        assertSame(batch, "mixup");
    }

    @Test
    void cutMixPastesAsTheReference() {
        MixBatch batch = batch();
        JsonNode box = GOLDEN.get("cutmix").get("bbox_y1y2x1x2");
        CutMix.mix(
                batch,
                new CutMix.Box(
                        box.get(0).asInt(),
                        box.get(1).asInt(),
                        box.get(2).asInt(),
                        box.get(3).asInt()),
                ints("permutation"));
        assertSame(batch, "cutmix");
    }

    private static MixBatch batch() {
        int[] shape = ints("input_shape");
        return new MixBatch(
                Scheme.image(GOLDEN.get("input_stream").asText(), shape).toArray(),
                MixBatch.oneHot(ints("labels"), GOLDEN.get("num_classes").asInt()),
                shape[0],
                shape[2],
                shape[3]);
    }

    private static void assertSame(MixBatch batch, String name) {
        assertClose(batch.inputs(), name + "_inputs");
        assertClose(batch.targets(), name + "_scores");
    }

    private static void assertClose(float[] found, String name) {
        double[] expected = Objects.requireNonNull(EXPECTED.get(name), name);
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            // sums of two float32 products of numbers up to 3
            assertThat((double) found[i]).as("%s, %d", name, i).isCloseTo(expected[i], within(1e-6));
        }
    }

    private static int[] ints(String name) {
        return Goldens.ints(GOLDEN.get(name));
    }
}
