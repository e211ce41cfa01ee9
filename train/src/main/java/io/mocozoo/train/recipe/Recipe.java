package io.mocozoo.train.recipe;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import io.mocozoo.image.Interpolation;
import io.mocozoo.image.Preprocessing;
import io.mocozoo.network.Network;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Every number of a training, as its JSON file has it.
 *
 * @param name as the published configuration is called
 * @param about in one sentence, with the published result where there is one
 * @param method what learns how
 * @param architecture the network, in the form of a model card
 * @param data images in
 * @param epochs passes over the data
 * @param batch images of one step, over all devices
 * @param microBatch images the backbone sees at once, 0 for all; the contrastive gradient stays that of the whole batch
 * @param accumulate parts of a batch that are taken one after the other, each with a loss, negatives and batch norms of its
 *     own; the weights move once behind the last, by the mean of their gradients. 1 where a recipe is silent
 * @param baseBatch the batch the learning rate is meant for
 * @param optimizer how weights move
 * @param schedule of the learning rate
 * @param moco MoCo v3's own numbers
 * @param classifier a classifier's own numbers
 * @param frozenStages fine-tuning: stages of the backbone that do not learn, from the first, the stem among them; 0 for none.
 *     Batch norms there use their running statistics as they are, and drop path leaves nothing out. As mmpretrain's
 *     frozen_stages, whose 0, the stem alone, has no counterpart
 * @param precision of matrix products: fp32, bf16 or fp16; everything else stays fp32
 * @param seed of everything that is drawn
 * @param keep checkpoints of epochs to keep, beside the last
 * @param checkpointEpochs epochs between kept checkpoints
 * @param checkpointSteps steps between writes of the last checkpoint, 0 for every epoch only
 * @param monitorEpochs epochs between measurements on held-out images; 0 for none
 * @param monitorImages held-out images that are measured at most, drawn from the seed; 5,000 where a recipe is silent
 */
public record Recipe(
        @JsonProperty(required = true) String name,
        @JsonProperty(required = true) String about,
        @JsonProperty(required = true) Method method,
        @JsonProperty(required = true) JsonNode architecture,
        @JsonProperty(required = true) Data data,
        @JsonProperty(required = true) int epochs,
        @JsonProperty(required = true) int batch,
        int microBatch,
        int accumulate,
        @JsonProperty(required = true) int baseBatch,
        @JsonProperty(required = true) OptimizerSpec optimizer,
        @JsonProperty(required = true) List<PhaseSpec> schedule,
        @Nullable MocoSpec moco,
        @Nullable ClassifierSpec classifier,
        int frozenStages,
        @JsonProperty(required = true) String precision,
        long seed,
        @JsonProperty(required = true) int keep,
        @JsonProperty(required = true) int checkpointEpochs,
        int checkpointSteps,
        int monitorEpochs,
        int monitorImages) {
    private static final int MONITORED = 5_000;
    private static final int MOST_EPOCHS = 1_000_000;

    /**
     * Checks everything a training would refuse that can be known without its data.
     *
     * @throws RecipeException if something is wrong; says every place, what was expected and what was found
     */
    public Recipe {
        schedule = List.copyOf(schedule);
        Faults faults = new Faults();
        faults.positive("epochs", epochs);
        faults.expect(epochs <= MOST_EPOCHS, "epochs", "at most " + MOST_EPOCHS, epochs);
        faults.positive("batch", batch);
        faults.positive("baseBatch", baseBatch);
        faults.positive("keep", keep);
        faults.positive("checkpointEpochs", checkpointEpochs);
        faults.oneOf("precision", List.of("fp32", "bf16", "fp16"), precision);
        faults.notNegative("microBatch", microBatch);
        faults.notNegative("checkpointSteps", checkpointSteps);
        faults.notNegative("monitorEpochs", monitorEpochs);
        monitorImages = monitorImages == 0 ? MONITORED : monitorImages;
        faults.positive("monitorImages", monitorImages);
        accumulate = accumulate == 0 ? 1 : accumulate;
        faults.positive("accumulate", accumulate);
        faults.expect(
                accumulate < 1 || batch % accumulate == 0,
                "accumulate",
                "a number that divides the batch of " + batch + " evenly",
                accumulate);
        boolean contrastive = method == Method.MOCO_V3;
        faults.given("moco", contrastive, moco, method);
        faults.given("classifier", !contrastive, classifier, method);
        faults.expect(
                contrastive == data.augmentation().equals(Data.TWO_VIEWS),
                "data.augmentation",
                contrastive ? Data.TWO_VIEWS + ", whose two views the method compares" : "crop-flip or rand-augment",
                '"' + data.augmentation() + '"');
        faults.expect(
                batch < 1 || batch > Math.max(1, accumulate) || !contrastive,
                "batch",
                (accumulate > 1 ? 2 * accumulate : 2)
                        + " or more, since batch norms and the contrastive loss need two images",
                batch);
        int most = (Integer.MAX_VALUE - 8) / (3 * data.crop() * data.crop()); // the pictures of a view are one array
        faults.expect(batch <= most, "batch", "at most " + most + " images of the size data.crop", batch);
        for (int i = 1; i < schedule.size(); i++) {
            int end = schedule.get(i - 1).end();
            int begin = schedule.get(i).begin();
            faults.expect(begin >= end, "schedule." + i + ".begin", end + " or later, the end before it", begin);
        }
        RecipeNetwork.check(architecture, method, frozenStages, faults);
        faults.end();
    }

    /** The network that learns; made anew each time. */
    public Network network() {
        return RecipeNetwork.of(architecture);
    }

    /** Images that share a loss, over all devices: the batch, or a part of it where gradients are accumulated. */
    public int part() {
        return batch / accumulate;
    }

    /** What learns how. */
    public enum Method {
        /** An encoder, without labels. */
        @JsonProperty("moco-v3")
        MOCO_V3,
        /** A linear layer on a frozen encoder. */
        @JsonProperty("linear-probe")
        LINEAR_PROBE,
        /** Encoder and linear layer, from labels. */
        @JsonProperty("fine-tune")
        FINE_TUNE;

        /** The word that recipes use. */
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * Images in.
     *
     * @param crop side of what the network sees, in pixels
     * @param cropScaleMin least share of an image's area in a random crop
     * @param cropScaleMax greatest share, 1 where a recipe is silent
     * @param interpolation bilinear or bicubic
     * @param augmentation moco-v3 (two views), crop-flip, or rand-augment
     * @param mean of RGB in 0..255
     * @param std of RGB in 0..255
     */
    public record Data(
            @JsonProperty(required = true) int crop,
            @JsonProperty(required = true) double cropScaleMin,
            double cropScaleMax,
            @JsonProperty(required = true) String interpolation,
            @JsonProperty(required = true) String augmentation,
            @JsonProperty(required = true) List<Double> mean,
            @JsonProperty(required = true) List<Double> std) {
        static final String TWO_VIEWS = "moco-v3";

        /** Its short edge before the crop is still one that the preprocessing takes. */
        private static final int LARGEST_CROP = 14_336;

        public Data {
            cropScaleMax = cropScaleMax == 0 ? 1 : cropScaleMax;
            mean = List.copyOf(mean);
            std = List.copyOf(std);
            Faults faults = new Faults();
            faults.expect(crop >= 1 && crop <= LARGEST_CROP, "crop", "1 to " + LARGEST_CROP + " pixels", crop);
            faults.expect(
                    cropScaleMax > 0 && cropScaleMax <= 1, "cropScaleMax", "a share above 0, up to 1", cropScaleMax);
            faults.expect(
                    cropScaleMin > 0 && cropScaleMin <= cropScaleMax,
                    "cropScaleMin",
                    "a share above 0, up to the cropScaleMax of " + cropScaleMax,
                    cropScaleMin);
            faults.oneOf("interpolation", List.of("bilinear", "bicubic"), interpolation);
            faults.oneOf("augmentation", List.of(TWO_VIEWS, "crop-flip", "rand-augment"), augmentation);
            faults.triple("mean", mean, false);
            faults.triple("std", std, true);
            faults.end();
        }

        /** What a finished model eats: the centre, as much of it as the reference's 224 of 256 pixels. */
        public Preprocessing preprocessing() {
            return new Preprocessing((int) Math.rint(crop / 0.875), Interpolation.of(interpolation), crop, mean, std);
        }
    }

    /**
     * A part of the schedule, in epochs.
     *
     * @param type linear or cosine
     * @param begin first epoch
     * @param end the epoch after its last
     * @param startFactor linear: the share it begins with
     * @param least cosine: the rate it goes to
     * @param byEpoch whether it moves every epoch instead of every step; a linear one then needs two epochs
     */
    public record PhaseSpec(
            @JsonProperty(required = true) String type,
            @JsonProperty(required = true) int begin,
            @JsonProperty(required = true) int end,
            double startFactor,
            double least,
            boolean byEpoch) {
        public PhaseSpec {
            Faults faults = new Faults();
            faults.oneOf("type", List.of("linear", "cosine"), type);
            faults.notNegative("begin", begin);
            boolean linear = type.equals("linear");
            long earliest = begin + (linear && byEpoch ? 2L : 1L);
            faults.expect(
                    end >= earliest,
                    "end",
                    earliest + " or later, since it begins with epoch " + begin
                            + (linear && byEpoch ? " and rises from its first epoch to its last" : ""),
                    end);
            if (linear) {
                faults.expect(
                        startFactor > 0 && startFactor <= 1, "startFactor", "a share above 0, up to 1", startFactor);
            } else {
                faults.notNegative("least", least);
            }
            faults.end();
        }
    }

    /**
     * MoCo v3's own numbers.
     *
     * @param encoderMomentum weight of the online encoder in the momentum encoder at the first step; falls to 0
     * @param temperature of the contrastive loss
     */
    public record MocoSpec(
            @JsonProperty(required = true) double encoderMomentum, @JsonProperty(required = true) double temperature) {
        public MocoSpec {
            Faults faults = new Faults();
            faults.expect(
                    encoderMomentum > 0 && encoderMomentum <= 1,
                    "encoderMomentum",
                    "a weight above 0, up to 1",
                    encoderMomentum);
            faults.positive("temperature", temperature);
            faults.end();
        }
    }

    /**
     * A classifier's own numbers.
     *
     * @param labelSmoothing share of a target spread over all classes
     * @param dropPath rate of the last layer
     * @param mixup alpha of its Beta distribution; 0 for none
     * @param cutmix alpha of its Beta distribution; 0 for none
     * @param averageWeight weight of the new value in the average of the weights; 0 for none
     * @param headStd standard deviation of the head's first weights
     */
    public record ClassifierSpec(
            double labelSmoothing,
            double dropPath,
            double mixup,
            double cutmix,
            double averageWeight,
            @JsonProperty(required = true) double headStd) {
        public ClassifierSpec {
            Faults faults = new Faults();
            faults.share("labelSmoothing", labelSmoothing);
            faults.share("dropPath", dropPath);
            faults.notNegative("mixup", mixup);
            faults.notNegative("cutmix", cutmix);
            faults.share("averageWeight", averageWeight);
            faults.positive("headStd", headStd);
            faults.end();
        }
    }
}
