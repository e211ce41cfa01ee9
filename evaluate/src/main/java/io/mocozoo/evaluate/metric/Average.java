package io.mocozoo.evaluate.metric;

/** How figures of classes become one. */
public enum Average {
    /** The mean over all classes, those without an image too. */
    MACRO(""),
    /** Counts are added up first. */
    MICRO("_micro"),
    /** They do not: one figure a class. */
    NONE("_classwise");

    private final String suffix;

    Average(String suffix) {
        this.suffix = suffix;
    }

    /** What the reference appends to a metric's name. */
    String suffix() {
        return suffix;
    }
}
