package io.mocozoo.data;

import java.io.IOException;
import java.util.List;

/** Labelled images by their index. Safe for many threads; the order never changes. */
public interface Dataset {
    /** Number of images. */
    int size();

    /** Names of the classes in the order of their labels; empty if the images have no labels. */
    List<String> classes();

    /** The label of an image, in 0..classes - 1; -1 if it has none. */
    int label(int index);

    /** What an image goes by in messages and results, such as its path below the root. */
    String name(int index);

    /** The encoded bytes of an image. */
    byte[] read(int index) throws IOException;

    /** Bytes of the encoded image; data sets that can tell without reading it do. */
    default long bytes(int index) throws IOException {
        return read(index).length;
    }
}
