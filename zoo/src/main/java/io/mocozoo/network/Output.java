package io.mocozoo.network;

import java.util.Arrays;
import java.util.stream.Collectors;

/** The named results of a network; shapes are given for a batch of n images. */
public enum Output {
    /** Scores before the softmax, [n, classes]; classifiers only. */
    LOGITS("logits"),
    /** What the backbone returns: ResNet [n, c, h, w], ViT the class token after the last norm, [n, d]. */
    BACKBONE("backbone"),
    /** The pooled map (ResNet) or the class token (ViT), [n, d]. */
    FEATURES("features"),
    /** What the projector returns, [n, out]; pretraining models only. */
    PROJECTION("projection"),
    /** What the predictor makes of the projection, [n, out]; pretraining models only. */
    PREDICTION("prediction"),
    /** ResNet's map after layer1, [n, c, h/4, w/4]. */
    STAGE1("stage1"),
    /** ResNet's map after layer2, [n, 2c, h/8, w/8]. */
    STAGE2("stage2"),
    /** ResNet's map after layer3, [n, 4c, h/16, w/16]. */
    STAGE3("stage3"),
    /** ResNet's map after layer4, [n, 8c, h/32, w/32]. */
    STAGE4("stage4"),
    /** All tokens of a ViT after the last norm, class token first, [n, 1 + l, d]. */
    TOKENS("tokens"),
    /** The class token's row of the last layer's attention, over all tokens, [n, heads, 1 + l]. */
    ATTENTION("attention"),
    /** A ResNet classifier's linear layer at each place of the last map, [n, classes, h, w]; its mean is the logits. */
    CLASS_MAPS("class_maps"),
    /** What the momentum encoder and its projector return, [n, out]; pretraining models only. */
    MOMENTUM_PROJECTION("momentum_projection");

    private final String word;

    Output(String word) {
        this.word = word;
    }

    /** The name in files, graphs and on the command line. */
    public String word() {
        return word;
    }

    /** The output of that name; an unknown one is an {@link IllegalArgumentException} that lists them all. */
    public static Output of(String word) {
        return Arrays.stream(values())
                .filter(o -> o.word.equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown output '" + word + "'; expected one of "
                        + Arrays.stream(values()).map(Output::word).collect(Collectors.joining(", "))));
    }
}
