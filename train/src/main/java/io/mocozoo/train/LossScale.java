package io.mocozoo.train;

import io.mocozoo.train.torch.Precision;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The factor on a loss that keeps half-precision gradients from vanishing: it doubles behind 2,000 good steps in a row, and
 * halves when gradients overflow; that step changes no weight. In other precisions it is 1 and stays so.
 *
 * @see <a href="https://arxiv.org/abs/1710.03740">Micikevicius et al. 2018, section 3.2</a>
 */
public final class LossScale {
    private static final double FIRST = 65_536;
    private static final int GOOD_STEPS = 2_000;

    private final boolean dynamic;
    private double value;
    private int goodSteps;

    /** The scale at the first step. */
    public LossScale(Precision precision) {
        dynamic = precision == Precision.FP16;
        value = dynamic ? FIRST : 1;
    }

    /** The factor of this step. */
    double value() {
        return value;
    }

    /** Takes what a step's gradients came to; whether the step is to be skipped. */
    boolean skips(double gradientNorm) {
        if (!dynamic) {
            return false;
        }
        if (!Double.isFinite(gradientNorm) && value > 1) {
            value /= 2;
            goodSteps = 0;
            return true;
        }
        goodSteps++;
        if (goodSteps == GOOD_STEPS) {
            value *= 2;
            goodSteps = 0;
        }
        return false;
    }

    /** What it takes to go on from here. */
    String state() {
        return value + " " + goodSteps;
    }

    /**
     * Goes on from a state.
     *
     * @param file it was read from, for errors
     */
    void state(Path file, String state) throws IOException {
        String[] parts = state.split(" ", -1);
        try {
            value = Double.parseDouble(parts[0]);
            goodSteps = Integer.parseInt(parts[parts.length - 1]);
        } catch (NumberFormatException e) {
            throw new IOException(
                    file + ": expected a loss scale and a number of steps in its metadata, found '" + state + "'", e);
        }
    }
}
