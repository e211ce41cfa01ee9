package io.mocozoo.train.optim;

import io.mocozoo.train.recipe.Recipe;
import java.util.List;

/**
 * The learning rate of every step by the reference's recursions, in double precision: closed forms differ in the last
 * digits. Moves forwards; asked for an earlier step it starts again.
 */
public final class LearningRate {
    private final double base;
    private final List<Phase> phases;
    private final long stepsPerEpoch;
    private long step;
    private double rate;

    /**
     * A part of a schedule.
     *
     * @param kind its form
     * @param begin first epoch
     * @param end the epoch after its last
     * @param startFactor LINEAR: the share of the rate it begins with
     * @param least COSINE: the rate it goes to
     * @param period COSINE: epochs of half a wave
     * @param byStep whether it moves every step, else every epoch
     */
    public record Phase(Kind kind, int begin, int end, double startFactor, double least, int period, boolean byStep) {
        public Phase {
            if (begin < 0 || end <= begin) {
                throw new IllegalArgumentException(
                        "a phase must end after it begins, found epochs " + begin + " to " + end);
            }
            if (kind == Kind.LINEAR && !(startFactor > 0 && startFactor <= 1)) {
                throw new IllegalArgumentException("startFactor must be in (0, 1], found " + startFactor);
            }
            if (kind == Kind.COSINE && period < 1) {
                throw new IllegalArgumentException("period must be positive, found " + period);
            }
        }

        /** A warm-up from a share of the rate to all of it, reached at its last step or in its last epoch. */
        public static Phase linear(double startFactor, int begin, int end, boolean byStep) {
            return new Phase(Kind.LINEAR, begin, end, startFactor, 0, 0, byStep);
        }

        /** Half a cosine down to the least rate. */
        public static Phase cosine(int begin, int end, double least, boolean byStep) {
            return new Phase(Kind.COSINE, begin, end, 0, least, end - begin, byStep);
        }
    }

    /** Forms of a phase. */
    public enum Kind {
        /** A straight line up. */
        LINEAR,
        /** Half a cosine down. */
        COSINE
    }

    /**
     * A schedule.
     *
     * @param base the rate before any phase acts
     * @param phases in their order; acted on in that order
     * @param stepsPerEpoch steps of one pass over the data
     */
    public LearningRate(double base, List<Phase> phases, long stepsPerEpoch) {
        if (!(base > 0) || stepsPerEpoch < 1) {
            throw new IllegalArgumentException(
                    "base and stepsPerEpoch must be positive, found " + base + " and " + stepsPerEpoch);
        }
        this.base = base;
        this.phases = List.copyOf(phases);
        this.stepsPerEpoch = stepsPerEpoch;
        restart();
    }

    /** The learning rates of a recipe's schedule, whose base has been scaled to its batch. */
    public static LearningRate of(List<Recipe.PhaseSpec> schedule, double base, long stepsPerEpoch) {
        List<Phase> phases = schedule.stream()
                .map(p -> p.type().equals("linear")
                        ? Phase.linear(p.startFactor(), p.begin(), p.end(), !p.byEpoch())
                        : Phase.cosine(p.begin(), p.end(), p.least(), !p.byEpoch()))
                .toList();
        return new LearningRate(base, phases, stepsPerEpoch);
    }

    private void restart() {
        step = 0;
        rate = base;
        phases.forEach(p -> act(p, 0));
    }

    /** The rate of a step, counted from 0. */
    public double at(long wanted) {
        if (wanted < step) {
            restart();
        }
        while (step < wanted) {
            step++;
            for (Phase phase : phases) {
                if (phase.byStep() || step % stepsPerEpoch == 0) {
                    act(phase, phase.byStep() ? step : step / stepsPerEpoch);
                }
            }
        }
        return rate;
    }

    /** One move of a phase; now counts steps or epochs as the phase does. */
    private void act(Phase phase, long now) {
        long unit = phase.byStep() ? stepsPerEpoch : 1;
        long begin = phase.begin() * unit;
        long end = phase.end() * unit;
        if (now < begin || now >= end) {
            return;
        }
        long t = now - begin;
        switch (phase.kind()) {
            case LINEAR -> {
                double f = phase.startFactor();
                double n = (double) (end - begin - 1);
                rate = t == 0 ? rate * f : rate * (1 + (1 - f) / (n * f + (t - 1) * (1 - f)));
            }
            case COSINE -> {
                double period = (double) (phase.period() * unit);
                if (t > 0) {
                    rate = (1 + Math.cos(Math.PI * t / period))
                                    / (1 + Math.cos(Math.PI * (t - 1) / period))
                                    * (rate - phase.least())
                            + phase.least();
                }
            }
        }
    }
}
