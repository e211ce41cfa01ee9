package io.mocozoo.network;

/** How a vision transformer comes by its position embedding; it is in the state dict either way. */
public enum Positions {
    /** The fixed two-dimensional sine-cosine table, row first. */
    SINCOS("sincos"),
    /** Trained like any other weight. */
    LEARNED("learned");

    private final String word;

    Positions(String word) {
        this.word = word;
    }

    /** The name in a model card. */
    public String word() {
        return word;
    }
}
