package io.mocozoo.cli;

import java.util.List;

/** The files of an evaluation that two runs of the same subject share to the byte. */
public final class RunFiles {
    /** Their names, where scores were asked for. */
    public static final List<String> SAME = List.of(
            "predictions.csv",
            "per_class.csv",
            "confusion.csv",
            "failed.csv",
            "metrics.json",
            "scores.npy",
            "examples.json",
            "provenance.json");

    private RunFiles() {}
}
