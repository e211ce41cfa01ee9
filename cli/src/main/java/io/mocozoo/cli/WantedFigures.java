package io.mocozoo.cli;

import io.mocozoo.evaluate.Figure;
import io.mocozoo.evaluate.Wanted;
import io.mocozoo.evaluate.metric.Threshold;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.apache.commons.cli.Options;

/** The options that say which figures to compute. */
final class WantedFigures {
    private WantedFigures() {}

    static Options in(Options options) {
        return options.addOption(CommonOptions.value(
                        "metrics",
                        "A,B,...",
                        "accuracy, single-label, confusion, calibration, average-precision (all but the last)"))
                .addOption(CommonOptions.value(
                        "topk", "K,...", "among how many of the best the right one counts as found (1,5)"))
                .addOption(CommonOptions.value(
                        "thresholds", "T,...", "what a score must exceed to be a prediction, or none (0)"));
    }

    static Wanted of(Invocation call) throws UsageException {
        return new Wanted(figures(call), topk(call), thresholds(call));
    }

    private static String[] words(Invocation call, String option) {
        return call.text(option).map(text -> text.split(",", -1)).orElse(new String[0]);
    }

    private static Set<Figure> figures(Invocation call) throws UsageException {
        Set<Figure> figures = new TreeSet<>();
        try {
            for (String word : words(call, "metrics")) {
                figures.add(Figure.of(word.strip()));
            }
        } catch (IllegalArgumentException e) {
            throw new UsageException("--metrics: " + e.getMessage());
        }
        return figures;
    }

    /** Numbers of at least 1; none if the option is not there. */
    static List<Integer> topk(Invocation call) throws UsageException {
        List<Integer> topk = new ArrayList<>();
        for (String word : words(call, "topk")) {
            if (!word.strip().matches("[1-9]\\d{0,5}")) {
                throw new UsageException("--topk expects whole numbers from 1 on, such as 1,5, found '" + word + "'");
            }
            topk.add(Integer.valueOf(word.strip()));
        }
        return topk;
    }

    /** Scores that must be exceeded; none if the option is not there. */
    static List<Threshold> thresholds(Invocation call) throws UsageException {
        List<Threshold> thresholds = new ArrayList<>();
        Set<String> names = new TreeSet<>();
        for (String word : words(call, "thresholds")) {
            thresholds.add(word.strip().equals("none") ? Threshold.NONE : new Threshold(score(word.strip())));
            String name = String.format(
                    Locale.ROOT, "%.2f", thresholds.get(thresholds.size() - 1).value());
            if (!names.add(name)) {
                throw new UsageException("--thresholds: two of them are " + name
                        + " in the names of the figures, which have two decimals; ask for one at a time");
            }
        }
        return thresholds;
    }

    private static float score(String word) throws UsageException {
        try {
            float score = Float.parseFloat(word);
            if (score >= 0 && score <= 1) {
                return score;
            }
        } catch (NumberFormatException e) {
            // said below, as for one out of range
        }
        throw new UsageException("--thresholds expects numbers from 0 to 1 or none, found '" + word + "'");
    }
}
