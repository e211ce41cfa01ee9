package io.mocozoo.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program of somebody else's, over the artifacts it needs and no others. */
class ConsumerTest {
    private static final String PROGRAM =
            """
            import io.mocozoo.Zoo;
            import io.mocozoo.image.RgbImage;
            import java.nio.file.Path;
            import java.util.List;

            public class Consumer {
                public static void main(String[] args) throws Exception {
                    try (Zoo zoo = Zoo.builder().cache(Path.of(args[0])).build()) {
                        System.out.println("class " + zoo.predict(
                                "vit-tiny-p8_shapes", List.of(new RgbImage(60, 60, new byte[10800]))).get(0).predClass());
                    }
                }
            }
            """;

    @TempDir
    Path folder;

    /** The tests' class path without what a program does not depend on. */
    private static String classPath(Predicate<String> wanted) {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(wanted)
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static boolean isOurs(String entry, String module) {
        return entry.contains(File.separator + module + File.separator + "target")
                || entry.contains("mocozoo-" + module);
    }

    private static boolean isForeign(String entry) {
        return entry.contains("test-classes")
                || entry.contains("commons-cli")
                || entry.contains("progressbar")
                || entry.contains("djl")
                || entry.contains("mocozoo-train")
                || entry.contains("opencsv")
                || entry.contains("parquet")
                || entry.contains("hadoop");
    }

    private String run(String classPath) throws IOException, InterruptedException {
        Path source = folder.resolve("Consumer.java");
        Files.writeString(source, PROGRAM);
        int compiled = Objects.requireNonNull(ToolProvider.getSystemJavaCompiler(), "a JDK runs the tests")
                .run(null, null, null, "-cp", classPath, "-d", folder.toString(), source.toString());
        assertThat(compiled).isZero();
        ProcessBuilder builder = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "Consumer",
                        folder.resolve("cache").toString()))
                .redirectErrorStream(true);
        builder.environment().put("CLASSPATH", classPath + File.pathSeparator + folder);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }

    @Test
    void zooAndConvertAloneAreEnough() throws Exception {
        String output = run(classPath(e -> !isForeign(e) && !isOurs(e, "cli")));
        assertThat(output).contains("class ");
    }

    @Test
    void zooAloneNamesTheArtifactToAddAndTheCommandToRun() throws Exception {
        String output = run(classPath(e -> !isForeign(e) && !isOurs(e, "cli") && !isOurs(e, "convert")));
        assertThat(output).contains("io.mocozoo:mocozoo-convert", "mocozoo fetch NAME");
    }

    @Test
    void zooAloneRunsWhatIsInTheCacheAlready() throws Exception {
        String filled = run(classPath(e -> !isForeign(e) && !isOurs(e, "cli")));
        String output = run(classPath(e -> !isForeign(e) && !isOurs(e, "cli") && !isOurs(e, "convert")));
        assertThat(output).isEqualTo(filled).contains("class ");
    }
}
