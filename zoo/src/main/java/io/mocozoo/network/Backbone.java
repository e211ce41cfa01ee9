package io.mocozoo.network;

import java.util.List;

/** An encoder without head. */
public sealed interface Backbone permits ResNet, VisionTransformer {
    /** Images to what {@link Output#BACKBONE} says; [n, 3, h, w] to [n, c, h, w] (ResNet) or [n, d] (ViT). */
    <T> T forward(Ops<T> ops, T image);

    /** What the backbone returned to one vector an image, [n, width()]. */
    <T> T pool(Ops<T> ops, T x);

    /** The length d of a pooled feature. */
    int width();

    /** The state-dict key of a classifier's linear layer on this backbone. */
    String headKey();

    /** How many stages follow each other behind the stem: a ResNet's four, a ViT's layers. */
    int stages();

    /**
     * The stage that a key belongs to, given below the backbone's scope: 0 for the stem (a ViT's patch projection, class token
     * and positions), then 1 to {@link #stages()}; a norm behind them counts as the last.
     */
    int stage(String key);

    /** The results this backbone can give beside {@link Output#BACKBONE} and {@link Output#FEATURES}. */
    List<Output> extras();
}
