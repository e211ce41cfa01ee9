package io.mocozoo.cli;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;

/** The options every command has, and makers for more of their kind. */
final class CommonOptions {
    private CommonOptions() {}

    /** Adds them to a command's own. */
    static Options addTo(Options own) {
        Options all = new Options();
        own.getOptions().forEach(all::addOption);
        add(all, flag("json", "print JSON alone on standard output"));
        add(all, flag("debug", "show stack traces and the engine's log"));
        add(all, flag("h", "help", "show this help"));
        return all;
    }

    private static void add(Options options, Option option) {
        if (!options.hasOption(option.getLongOpt())) {
            options.addOption(option);
        }
    }

    /** Options of commands that know models. */
    static Options models() {
        return new Options()
                .addOption(repeated("registry", "FILE", "lay a registry file over the built-in cards; may be repeated"))
                .addOption(value("cache", "DIR", "cache folder (MOCOZOO_HOME, else the platform's cache folder)"));
    }

    /** Options of commands that get weights. */
    static Options weights() {
        Options options = models();
        options.addOption(value("weights", "FILE|URL", "weights instead of the card's: a checkpoint or an .onnx file"));
        downloads(options);
        return options;
    }

    /** Options of commands that may download. */
    static Options downloads(Options options) {
        return options.addOption(flag("offline", "download nothing"))
                .addOption(repeated("mirror", "REGEX=REPLACEMENT", "rewrite addresses of weights; may be repeated"));
    }

    /** Options of commands that open models. */
    static Options opening() {
        Options options = weights();
        options.addOption(value("device", "DEVICE", "auto, cpu, cuda[:N] or tensorrt[:N] (auto)"));
        options.addOption(value("threads", "N", "threads of one operator (one a core)"));
        return options;
    }

    /** Options of commands that run whole data sets, which several devices may share. */
    static Options sharing() {
        return running()
                .addOption(value(
                        "device",
                        "DEVICE,...",
                        "auto, cpu, cuda[:N] or tensorrt[:N] (auto); several, as cuda:0,1, share the images"));
    }

    /** Options of commands that feed models with images. */
    static Options running() {
        Options options = opening();
        options.addOption(value("batch", "N", "images run at once, at most (16)"));
        options.addOption(value("max-pixels", "N", "refuse images with more pixels, before decoding them"));
        return options;
    }

    static Option flag(String name, String text) {
        return Option.builder().longOpt(name).desc(text).get();
    }

    static Option flag(String letter, String name, String text) {
        return Option.builder(letter).longOpt(name).desc(text).get();
    }

    static Option value(String name, String argument, String text) {
        return Option.builder()
                .longOpt(name)
                .hasArg()
                .argName(argument)
                .desc(text)
                .get();
    }

    /** An option whose occurrences add up, each with one value. */
    static Option repeated(String name, String argument, String text) {
        Option option = value(name, argument, text);
        option.setType(List.class);
        return option;
    }

    /** Refuses options that are given twice, unless their occurrences add up: which of two values is meant? */
    static void refuseTwice(Option... given) throws UsageException {
        Set<String> seen = new HashSet<>();
        for (Option option : given) {
            if (option.hasArg() && !List.class.equals(option.getType()) && !seen.add(option.getLongOpt())) {
                throw new UsageException("--" + option.getLongOpt() + " is given twice; it takes one value");
            }
        }
    }
}
