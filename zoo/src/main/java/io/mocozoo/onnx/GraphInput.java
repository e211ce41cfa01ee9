package io.mocozoo.onnx;

import java.util.Arrays;

/** What a graph is fed. */
public enum GraphInput {
    /** {@code input}: float32 [n, 3, h, w], RGB, normalised. */
    TENSOR("tensor", "input"),
    /** {@code pixels}: uint8 [n, h, w, 3], RGB; the graph normalises. */
    PIXELS("pixels", "pixels");

    private final String word;
    private final String inputName;

    GraphInput(String word, String inputName) {
        this.word = word;
        this.inputName = inputName;
    }

    /** The name on the command line. */
    public String word() {
        return word;
    }

    /** The name of the graph's input. */
    public String inputName() {
        return inputName;
    }

    /** The input of that name; an unknown one is an {@link IllegalArgumentException}. */
    public static GraphInput of(String word) {
        return Arrays.stream(values())
                .filter(i -> i.word.equals(word))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("unknown input '" + word + "'; expected tensor or pixels"));
    }
}
