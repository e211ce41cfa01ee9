package io.mocozoo.cli;

import io.mocozoo.ModelBuilder;
import io.mocozoo.Zoo;
import io.mocozoo.evaluate.VectorFormat;
import io.mocozoo.image.ImageLimits;
import io.mocozoo.registry.ModelCard;
import io.mocozoo.runtime.Device;
import io.mocozoo.runtime.Labels;
import io.mocozoo.runtime.Model;
import io.mocozoo.store.CacheFolder;
import io.mocozoo.store.Mirror;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;

/** A command's line, read; typed access with errors that name the option. */
final class Invocation {
    static final int MOST_THREADS = 1024;

    private final String command;
    private final CommandLine line;
    private final Console console;

    Invocation(String command, CommandLine line, Console console) {
        this.command = command;
        this.line = line;
        this.console = console;
    }

    Console console() {
        return console;
    }

    /** The words and options as they were understood, for the record. */
    String line() {
        StringBuilder text = new StringBuilder("mocozoo " + command);
        words().forEach(word -> text.append(' ').append(word));
        for (Option option : line.getOptions()) {
            text.append(" --").append(option.getLongOpt());
            if (option.hasArg()) {
                text.append(' ').append(option.getValue());
            }
        }
        return text.toString();
    }

    boolean json() {
        return has("json");
    }

    boolean has(String option) {
        return line.hasOption(option);
    }

    Optional<String> text(String option) {
        return Optional.ofNullable(line.getOptionValue(option));
    }

    List<String> texts(String option) {
        String[] values = line.getOptionValues(option);
        return values == null ? List.of() : List.of(values);
    }

    /** A path an option must give. */
    Path path(String option) throws UsageException {
        return Path.of(text(option).orElseThrow(() -> new UsageException("--" + option + " is missing")));
    }

    /** A whole number within bounds, or what holds without the option. */
    int whole(String option, int least, int most, int otherwise) throws UsageException {
        long number = whole(option, least, otherwise);
        if (number > most) {
            throw new UsageException("--" + option + " expects at most " + most + ", found " + number);
        }
        return (int) number;
    }

    long whole(String option, long least, long otherwise) throws UsageException {
        Optional<String> value = text(option);
        if (value.isEmpty()) {
            return otherwise;
        }
        try {
            long number = Long.parseLong(value.get());
            if (number >= least) {
                return number;
            }
        } catch (NumberFormatException e) {
            // said below, with the same words as for a number out of range
        }
        throw new UsageException(
                "--" + option + " expects a whole number of at least " + least + ", found '" + value.get() + "'");
    }

    /** How vectors are stored; .npy without the option. */
    VectorFormat vectorFormat(String option) throws UsageException {
        try {
            return VectorFormat.of(text(option).orElse(VectorFormat.NPY.word()));
        } catch (IllegalArgumentException e) {
            throw new UsageException("--" + option + ": " + e.getMessage());
        }
    }

    /** The words that are no options. */
    List<String> words() {
        return line.getArgList();
    }

    /** The first word. */
    String name() throws UsageException {
        if (words().isEmpty()) {
            throw new UsageException("the name of a model is missing");
        }
        return words().get(0);
    }

    /** The words after the first, at least one. */
    List<String> rest(String what) throws UsageException {
        if (words().size() < 2) {
            throw new UsageException(what + " is missing");
        }
        return words().subList(1, words().size());
    }

    /** Refuses words beyond a number. */
    void atMost(int words) throws UsageException {
        if (words().size() > words) {
            throw new UsageException("what is '" + words().get(words) + "' for? nothing more is expected here");
        }
    }

    Path cache() {
        return text("cache").map(Path::of).orElseGet(CacheFolder::standard);
    }

    /** The zoo the options describe, on one device. */
    Zoo zoo() throws UsageException, IOException {
        return zoo(device());
    }

    /** The zoo the options describe, of a command that may take several devices. */
    Zoo zoo(Device device) throws UsageException, IOException {
        Zoo.Builder builder =
                Zoo.builder().cache(cache()).offline(has("offline")).progress(console.progress(" MB", 1_000_000));
        texts("registry").forEach(r -> builder.registry(Path.of(r)));
        try {
            texts("mirror").forEach(m -> builder.mirror(Mirror.of(m)));
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
        builder.device(device);
        builder.threads(whole("threads", 1, MOST_THREADS, 0));
        builder.batch(batch());
        builder.limits(limits());
        try {
            return builder.build();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** Images run at once: as many as fit a buffer of 2 GiB at any crop in use. */
    int batch() throws UsageException {
        return whole("batch", 1, 1024, Model.Settings.DEFAULT.batch());
    }

    /** The one device. */
    Device device() throws UsageException {
        List<Device> devices = devices();
        if (devices.size() > 1) {
            throw new UsageException("--device expects one device here, found " + devices
                    + "; evaluate and extract --data take several");
        }
        return devices.get(0);
    }

    /** One device or several. */
    List<Device> devices() throws UsageException {
        try {
            return Device.several(text("device").orElse("auto"));
        } catch (IllegalArgumentException e) {
            throw new UsageException("--device: " + e.getMessage());
        }
    }

    ImageLimits limits() throws UsageException {
        return new ImageLimits(whole("max-pixels", 1, ImageLimits.DEFAULT.maxPixels()), ImageLimits.DEFAULT.maxBytes());
    }

    ModelCard card(Zoo zoo, String name) throws UsageException {
        try {
            return zoo.registry().get(name);
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
    }

    /** How to open a model with the options' weights and labels. */
    ModelBuilder model(Zoo zoo, String name) throws UsageException, IOException {
        card(zoo, name);
        ModelBuilder builder = zoo.configure(name);
        Optional<String> weights = text("weights");
        if (weights.isPresent()) {
            builder.weights(address("weights", weights.get()));
        }
        Optional<String> labels = text("labels");
        if (labels.isPresent()) {
            try (InputStream in = Files.newInputStream(Path.of(labels.get()))) {
                builder.labels(Labels.read(in, labels.get()));
            }
        }
        return builder;
    }

    /** A file, or an address if it has a scheme of more than one letter (which would be a drive). */
    static URI address(String option, String text) throws UsageException {
        if (!text.matches("[A-Za-z][A-Za-z0-9+.-]+:.*")) {
            return Path.of(text).toAbsolutePath().toUri();
        }
        try {
            URI address = new URI(text.replace(" ", "%20"));
            if (!String.valueOf(address.getScheme()).matches("(?i)https?") || address.getHost() != null) {
                return address;
            }
        } catch (URISyntaxException e) {
            // said below, with the same words as for an address without a machine
        }
        throw new UsageException(
                "--" + option + " expects a file, or an address such as https://host/file.pth, found '" + text + "'");
    }
}
