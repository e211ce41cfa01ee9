package io.mocozoo.runtime;

/** Where features are taken, in the reference's words. */
public enum Stage {
    /** What the backbone returns: ResNet's last map [n, c, h, w], ViT's class token [n, d]. */
    BACKBONE,
    /** After the neck: a classifier's pooled feature [n, d], a pretraining model's projection [n, out]. */
    NECK,
    /** What the linear layer of a classifier sees, [n, d]. */
    PRE_LOGITS
}
