package io.mocozoo.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a model runs.
 *
 * @param kind the processor
 * @param index which of several GPUs, from 0
 */
public record Device(Kind kind, int index) {
    /** Kinds of processors. */
    public enum Kind {
        /** CUDA where a session can be opened on it, else the CPU. */
        AUTO,
        /** The CPU. */
        CPU,
        /** An NVIDIA GPU by CUDA 12 and cuDNN 9. */
        CUDA,
        /** An NVIDIA GPU by TensorRT 10; compiles the model on first use. */
        TENSORRT
    }

    /** The best there is. */
    public static final Device AUTO = new Device(Kind.AUTO, 0);

    /** The CPU. */
    public static final Device CPU = new Device(Kind.CPU, 0);

    private static final Pattern FORM = Pattern.compile("(auto|cpu|cuda|tensorrt)(?::(\\d{1,3}))?");

    /** Reads {@code auto}, {@code cpu}, {@code cuda}, {@code cuda:1}, {@code tensorrt}, {@code tensorrt:1}. */
    public static Device of(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches() || (form.group(2) != null && (text.startsWith("auto") || text.startsWith("cpu")))) {
            throw new IllegalArgumentException(
                    "unknown device '" + text + "'; expected auto, cpu, cuda, cuda:N, tensorrt or tensorrt:N");
        }
        Kind kind = Kind.valueOf(form.group(1).toUpperCase(Locale.ROOT));
        return new Device(kind, form.group(2) == null ? 0 : Integer.parseInt(form.group(2)));
    }

    /**
     * Reads several devices: {@code cuda:0,cuda:1}, or in short {@code cuda:0,1}; a device may come twice, and then does
     * two parts of the work.
     */
    public static List<Device> several(String text) {
        List<Device> devices = new ArrayList<>();
        String kind = "";
        for (String word : text.split(",", -1)) {
            Device device = of(word.matches("\\d{1,3}") && !kind.isEmpty() ? kind + ":" + word : word);
            kind = device.kind().name().toLowerCase(Locale.ROOT);
            devices.add(device);
        }
        return List.copyOf(devices);
    }

    @Override
    public String toString() {
        String word = kind.name().toLowerCase(Locale.ROOT);
        return kind == Kind.CUDA || kind == Kind.TENSORRT ? word + ":" + index : word;
    }
}
