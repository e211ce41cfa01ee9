package io.mocozoo.train.augment;

/** A normalised batch with one target per class, mixed in place. Holds its arrays, not copies. */
public final class MixBatch {
    private final float[] inputs;
    private final float[] targets;
    private final int size;
    private final int height;
    private final int width;

    /**
     * A batch.
     *
     * @param inputs [n, c, h, w], row-major
     * @param targets [n, classes], row-major; see {@link #oneHot}
     * @param size n, at least 1
     * @param height h
     * @param width w
     * @throws IllegalArgumentException if an array's length is not a multiple of its rows
     */
    public MixBatch(float[] inputs, float[] targets, int size, int height, int width) {
        if (size < 1 || height < 1 || width < 1) {
            throw new IllegalArgumentException("sizes must be positive, found " + size + ", " + height + ", " + width);
        }
        long sample = (long) size * height * width;
        if (inputs.length == 0 || inputs.length % sample != 0 || targets.length % size != 0) {
            throw new IllegalArgumentException("expected " + size + " samples of " + height + " x " + width + ", found "
                    + inputs.length + " values and " + targets.length + " targets");
        }
        this.inputs = inputs;
        this.targets = targets;
        this.size = size;
        this.height = height;
        this.width = width;
    }

    /**
     * One row per label with a single 1.
     *
     * @return [n, classes]
     * @throws IllegalArgumentException if a label is outside the classes
     */
    public static float[] oneHot(int[] labels, int classes) {
        float[] targets = new float[Math.multiplyExact(labels.length, classes)];
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= classes) {
                throw new IllegalArgumentException("label " + labels[i] + " is outside the " + classes + " classes");
            }
            targets[i * classes + labels[i]] = 1;
        }
        return targets;
    }

    /** [n, c, h, w]; the array itself. */
    public float[] inputs() {
        return inputs;
    }

    /** [n, classes]; the array itself. */
    public float[] targets() {
        return targets;
    }

    /** Samples. */
    public int size() {
        return size;
    }

    /** Rows of a sample. */
    public int height() {
        return height;
    }

    /** Columns of a sample. */
    public int width() {
        return width;
    }
}
