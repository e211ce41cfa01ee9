package io.mocozoo.train.recipe;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import io.mocozoo.image.Interpolation;
import io.mocozoo.image.Preprocessing;
import java.util.List;
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
        @JsonProperty(required = true) String precision,
        long seed,
        @JsonProperty(required = true) int keep,
        @JsonProperty(required = true) int checkpointEpochs,
        int checkpointSteps,
        int monitorEpochs,
        int monitorImages) {
    private static final int MONITORED = 5_000;

    public Recipe {
        schedule = List.copyOf(schedule);
        positive("epochs", epochs);
        positive("batch", batch);
        positive("baseBatch", baseBatch);
        positive("keep", keep);
        positive("checkpointEpochs", checkpointEpochs);
        if (!List.of("fp32", "bf16", "fp16").contains(precision)) {
            throw new IllegalArgumentException("precision must be fp32, bf16 or fp16, found " + precision);
        }
        accumulate = accumulate == 0 ? 1 : accumulate;
        if (accumulate < 0 || batch % accumulate != 0) {
            throw new IllegalArgumentException(
                    "accumulate must be positive and divide the batch of " + batch + " evenly, found " + accumulate);
        }
        monitorImages = monitorImages == 0 ? MONITORED : monitorImages;
        positive("monitorImages", monitorImages);
        if (microBatch < 0 || checkpointSteps < 0 || monitorEpochs < 0) {
            throw new IllegalArgumentException("microBatch, checkpointSteps and monitorEpochs must not be negative");
        }
        if ((method == Method.MOCO_V3) != (moco != null) || (method == Method.MOCO_V3) == (classifier != null)) {
            throw new IllegalArgumentException(
                    "method " + method + " needs " + (method == Method.MOCO_V3 ? "moco" : "classifier") + " alone");
        }
    }

    static void positive(String name, double value) {
        if (!(value > 0 && Double.isFinite(value))) {
            throw new IllegalArgumentException(name + " must be positive, found " + value);
        }
    }

    static void share(String name, double value) {
        if (!(value >= 0 && value < 1)) {
            throw new IllegalArgumentException(name + " must be at least 0 and less than 1, found " + value);
        }
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
        FINE_TUNE
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
        public Data {
            positive("data.crop", crop);
            cropScaleMax = cropScaleMax == 0 ? 1 : cropScaleMax;
            if (!(cropScaleMin > 0 && cropScaleMin <= cropScaleMax && cropScaleMax <= 1)) {
                throw new IllegalArgumentException("expected 0 < data.cropScaleMin <= data.cropScaleMax <= 1, found "
                        + cropScaleMin + " and " + cropScaleMax);
            }
            if (!List.of("moco-v3", "crop-flip", "rand-augment").contains(augmentation)) {
                throw new IllegalArgumentException(
                        "data.augmentation must be moco-v3, crop-flip or rand-augment, found " + augmentation);
            }
            Interpolation.of(interpolation);
            mean = List.copyOf(mean);
            std = List.copyOf(std);
        }

        /** What a finished model eats: the centre, as much of it as the reference's 224 of 256 pixels. */
        public Preprocessing preprocessing() {
            return new Preprocessing((int) Math.rint(crop / 0.875), Interpolation.of(interpolation), crop, mean, std);
        }
    }

    /**
     * How weights move.
     *
     * @param type lars, adamw or sgd
     * @param lr learning rate for a batch of baseBatch
     * @param weightDecay before the rules' factors
     * @param momentum of lars and sgd
     * @param beta1 of adamw
     * @param beta2 of adamw
     * @param epsilon of adamw
     * @param clipNorm gradients longer than this together are scaled down; 0 for never
     * @param normDecay factor on the weight decay of norms
     * @param biasDecay factor on the weight decay of biases
     * @param rules for parameters with a part in their name
     */
    public record OptimizerSpec(
            @JsonProperty(required = true) String type,
            @JsonProperty(required = true) double lr,
            @JsonProperty(required = true) double weightDecay,
            double momentum,
            double beta1,
            double beta2,
            double epsilon,
            double clipNorm,
            @Nullable Double normDecay,
            @Nullable Double biasDecay,
            @Nullable List<RuleSpec> rules) {
        public OptimizerSpec {
            positive("optimizer.lr", lr);
            if (!List.of("lars", "adamw", "sgd").contains(type)) {
                throw new IllegalArgumentException("optimizer.type must be lars, adamw or sgd, found " + type);
            }
            if (!(weightDecay >= 0 && clipNorm >= 0 && Double.isFinite(weightDecay + clipNorm))) {
                throw new IllegalArgumentException("optimizer.weightDecay and clipNorm must not be negative, found "
                        + weightDecay + " and " + clipNorm);
            }
            share("optimizer.momentum", momentum);
            share("optimizer.beta1", beta1);
            share("optimizer.beta2", beta2);
            if (type.equals("adamw")) {
                positive("optimizer.beta1", beta1);
                positive("optimizer.beta2", beta2);
                positive("optimizer.epsilon", epsilon);
            }
            rules = rules == null ? List.of() : List.copyOf(rules);
        }
    }

    /**
     * A rule for parameters.
     *
     * @param part of their names
     * @param decay factor on their weight decay
     * @param excludedFromLars whether LARS leaves their learning rate as it is
     */
    public record RuleSpec(
            @JsonProperty(required = true) String part,
            @JsonProperty(required = true) double decay,
            boolean excludedFromLars) {}

    /**
     * A part of the schedule, in epochs.
     *
     * @param type linear or cosine
     * @param begin first epoch
     * @param end the epoch after its last
     * @param startFactor linear: the share it begins with
     * @param least cosine: the rate it goes to
     * @param byEpoch whether it moves every epoch instead of every step
     */
    public record PhaseSpec(
            @JsonProperty(required = true) String type,
            @JsonProperty(required = true) int begin,
            @JsonProperty(required = true) int end,
            double startFactor,
            double least,
            boolean byEpoch) {
        public PhaseSpec {
            if (!List.of("linear", "cosine").contains(type)) {
                throw new IllegalArgumentException("schedule.type must be linear or cosine, found " + type);
            }
        }
    }

    /**
     * MoCo v3's own numbers.
     *
     * @param encoderMomentum weight of the online encoder in the momentum encoder at the first step; falls to 0
     * @param temperature of the contrastive loss
     */
    public record MocoSpec(
            @JsonProperty(required = true) double encoderMomentum, @JsonProperty(required = true) double temperature) {}

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
            @JsonProperty(required = true) double headStd) {}
}
