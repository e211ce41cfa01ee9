package io.mocozoo.cli;

import io.mocozoo.train.TrainingPlan;
import io.mocozoo.train.recipe.Recipe;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;

/** What a training would take, as {@code train --dry-run} says it. */
final class PlannedTraining {
    private PlannedTraining() {}

    /** Prints a plan, as JSON if asked for. */
    static void print(Recipe recipe, TrainingPlan plan, Invocation call) throws IOException {
        double total = (double) plan.multiplyAdds() * plan.images() * recipe.epochs();
        if (call.json()) {
            var tree = Console.mapper()
                    .createObjectNode()
                    .put("recipe", recipe.name())
                    .put("images", plan.images())
                    .put("steps", plan.steps())
                    .put("stepsPerEpoch", plan.stepsPerEpoch())
                    .put("epochs", recipe.epochs())
                    .put("parameters", plan.parameters())
                    .put("learned", plan.learned())
                    .put("multiplyAdds", total)
                    .put("stateBytes", plan.stateBytes())
                    .put("activationBytes", plan.memory().activations())
                    .put("peakBytes", plan.peakBytes())
                    .put("hostBytes", plan.memory().host());
            var curve = tree.putArray("learningRates");
            for (long step : milestones(plan)) {
                curve.addObject().put("step", step).put("rate", plan.rates().at(step));
            }
            call.console().json(tree);
            return;
        }
        PrintStream out = call.console().out();
        out.printf(
                Locale.ROOT,
                "%s%n  images        %,d%n  steps         %,d (%,d an epoch, %d epochs)%n",
                recipe.name(),
                plan.images(),
                plan.steps(),
                plan.stepsPerEpoch(),
                recipe.epochs());
        out.printf(Locale.ROOT, "  parameters    %,d, of which %,d learn%n", plan.parameters(), plan.learned());
        out.printf(Locale.ROOT, "  arithmetic    %.3g multiply-adds, %.3g an image%n", total, (double)
                plan.multiplyAdds());
        out.printf(
                Locale.ROOT,
                "  memory        about %s: state %s (weights, gradients, %d arrays beside each that learns), a step %s%n",
                Console.size(plan.peakBytes()),
                Console.size(plan.stateBytes()),
                plan.slots(),
                Console.size(plan.memory().activations()));
        out.printf(
                Locale.ROOT,
                "  beside it     about %s in the memory of the CPU: Java, libraries, first weights, batches that wait%n",
                Console.size(plan.memory().host()));
        for (long step : milestones(plan)) {
            out.printf(
                    Locale.ROOT,
                    "  step %,12d  learning rate %.6g%n",
                    step,
                    plan.rates().at(step));
        }
    }

    /** The first step, the last, and nine between. */
    private static List<Long> milestones(TrainingPlan plan) {
        return LongStream.rangeClosed(0, 10)
                .map(tenth -> Math.min(plan.steps() - 1, plan.steps() * tenth / 10))
                .boxed()
                .toList();
    }
}
