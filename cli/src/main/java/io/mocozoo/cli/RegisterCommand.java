package io.mocozoo.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.Zoo;
import io.mocozoo.registry.RegistryFile;
import io.mocozoo.registry.Task;
import io.mocozoo.store.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import org.apache.commons.cli.Options;

/** Gives what was trained a name: its weights beside an overlay of the registry, its card in it. */
final class RegisterCommand implements Command {
    /** The folder beside a registry file that holds the weights of its cards. */
    private static final String FOLDER = "registered";

    @Override
    public String name() {
        return "register";
    }

    @Override
    public String arguments() {
        return "WORK_DIR|CHECKPOINT --name NAME [--registry FILE] [--force]";
    }

    @Override
    public String summary() {
        return "make what was trained a model with a name: copy its weights, convert and check them, add its card";
    }

    @Override
    public String example() {
        return "mocozoo register work/probe --name my-probe";
    }

    @Override
    public Options options() {
        return new Options()
                .addOption(CommonOptions.value("name", "NAME", "what to call it: lower case, digits, . _ -"))
                .addOption(CommonOptions.value(
                        "registry", "FILE", "the registry file to add to (registry.json in the cache folder)"))
                .addOption(CommonOptions.value(
                        "cache", "DIR", "cache folder (MOCOZOO_HOME, else the platform's cache folder)"))
                .addOption(CommonOptions.flag("force", "replace a card of this name"));
    }

    @Override
    public int run(Invocation call) throws IOException, UsageException {
        call.atMost(1);
        if (call.words().isEmpty()) {
            throw new UsageException("the work folder or checkpoint of a training is missing");
        }
        String name = call.text("name").orElseThrow(() -> new UsageException("--name is missing"));
        if (!name.matches("[a-z0-9][a-z0-9._-]{0,99}")) {
            throw new UsageException(
                    "--name expects at most 100 lower-case letters, digits and . _ -, found '" + name + "'");
        }
        Path registry = call.text("registry")
                .map(Path::of)
                .orElseGet(() -> call.cache().resolve("registry.json"))
                .toAbsolutePath();
        refuseTaken(call, registry, name);
        Path place = Objects.requireNonNull(registry.getParent(), "a file lies in a folder")
                .resolve(FOLDER);
        Files.createDirectories(place);
        Path scratch = Files.createTempDirectory(place, ".register");
        try {
            TrainedModel trained = TrainedModel.copy(Path.of(call.words().get(0)), name, scratch);
            convert(call, trained, scratch);
            trained.moveTo(place);
            ObjectNode json = trained.card(FOLDER + "/");
            RegistryFile.put(registry, json, call.has("force"));
            tell(call, name, registry, place.resolve(trained.fileName()), json);
        } finally {
            Trees.delete(scratch);
        }
        return Main.OK;
    }

    private static void refuseTaken(Invocation call, Path registry, String name) throws IOException {
        Zoo.Builder builder = Zoo.builder().cache(call.cache());
        if (Files.exists(registry)) {
            builder.registry(registry);
        }
        try (Zoo zoo = builder.build()) {
            if (!call.has("force") && zoo.registry().cards().containsKey(name)) {
                throw new IOException("there is a model " + name + " already; choose another --name, or replace it with"
                        + " --force");
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** Into the cache, where the card's first use finds it; the converter checks what it wrote. */
    private static void convert(Invocation call, TrainedModel trained, Path scratch) throws IOException {
        Path overlay = scratch.resolve("registry.json");
        RegistryFile.put(overlay, trained.card(""), false);
        try (Zoo zoo = Zoo.builder()
                .cache(call.cache())
                .registry(overlay)
                .progress(call.console().progress(" MB", 1_000_000))
                .build()) {
            zoo.prepare(trained.card().name());
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static void tell(Invocation call, String name, Path registry, Path weights, ObjectNode card)
            throws IOException {
        if (call.json()) {
            ObjectNode done = Console.mapper()
                    .createObjectNode()
                    .put("name", name)
                    .put("registry", registry.toString())
                    .put("weights", weights.toString());
            call.console().json(done.set("card", card));
            return;
        }
        boolean classifier = card.path("task").asText().equals(Task.IMAGE_CLASSIFICATION.word());
        call.console().out().println(name + ": converted, checked, and in " + registry);
        call.console().out().println("  weights  " + weights + ", " + Console.size(Files.size(weights)));
        for (JsonNode result : card.path("results")) {
            call.console()
                    .out()
                    .printf(
                            Locale.ROOT,
                            "  result   %s %s %s%n",
                            result.path("dataset").asText(),
                            result.path("metric").asText(),
                            result.path("value").asText());
        }
        boolean standard = registry.equals(call.cache().toAbsolutePath().resolve("registry.json"));
        call.console()
                .out()
                .println("  try      mocozoo " + (classifier ? "predict " : "extract ") + name + " IMAGE"
                        + (classifier ? "" : " --out features.npy")
                        + (standard ? "" : " --registry " + registry));
    }
}
