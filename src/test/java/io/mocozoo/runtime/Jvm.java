package io.mocozoo.runtime;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A Java process of its own over the tests' class path. */
public final class Jvm {
    private Jvm() {}

    /**
     * How a process ended.
     *
     * @param code its exit code
     * @param output what it printed, errors included
     */
    public record Ended(int code, String output) {}

    /** Runs a main class to its end. */
    public static Ended run(List<String> jvmOptions, Class<?> main, String... arguments)
            throws IOException, InterruptedException {
        return run(Map.of(), jvmOptions, main, arguments);
    }

    /** Runs a main class to its end, with more in its environment. */
    public static Ended run(
            Map<String, String> environment, List<String> jvmOptions, Class<?> main, String... arguments)
            throws IOException, InterruptedException {
        Process process = start(environment, jvmOptions, main, arguments);
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), output);
    }

    /**
     * Runs a main class to its end under a shell's limit on the size of files: writing beyond it fails as on a full disk.
     *
     * @param blocks of 1,024 bytes
     */
    public static Ended limited(
            int blocks, Map<String, String> environment, List<String> jvmOptions, Class<?> main, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("bash", "-c", "ulimit -f " + blocks + "; exec \"$@\"", "bash"));
        command.addAll(command(jvmOptions, main, arguments));
        Process process = start(environment, command);
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), output);
    }

    /** Starts a main class; whoever started it reads its output, errors included, and sees it end. */
    public static Process start(
            Map<String, String> environment, List<String> jvmOptions, Class<?> main, String... arguments)
            throws IOException {
        return start(environment, command(jvmOptions, main, arguments));
    }

    private static List<String> command(List<String> jvmOptions, Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmOptions);
        command.add(main.getName());
        command.addAll(List.of(arguments));
        return command;
    }

    private static Process start(Map<String, String> environment, List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        return builder.start();
    }
}
