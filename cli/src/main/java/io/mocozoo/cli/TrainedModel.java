package io.mocozoo.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.checkpoint.Checkpoint;
import io.mocozoo.checkpoint.ReadLimits;
import io.mocozoo.checkpoint.Safetensors;
import io.mocozoo.network.Classifier;
import io.mocozoo.network.Cost;
import io.mocozoo.network.Network;
import io.mocozoo.registry.ArchitectureJson;
import io.mocozoo.registry.CardJson;
import io.mocozoo.registry.ModelCard;
import io.mocozoo.registry.Task;
import io.mocozoo.store.AtomicFile;
import io.mocozoo.store.Progress;
import io.mocozoo.store.Sha256;
import io.mocozoo.train.Trainer;
import io.mocozoo.train.recipe.Recipe;
import io.mocozoo.train.recipe.Recipes;
import io.mocozoo.train.report.Scalars;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * The weights of a training, copied into a folder, and what is known of them.
 *
 * @param card with the copy's address
 * @param folder where the copy lies
 * @param labels its file of class names, if it has classes
 */
record TrainedModel(ModelCard card, Path folder, Optional<String> labels) {

    /** Fields of a training's log that are results, and what they are called in a card; percent. */
    private static final Map<String, String> MEASURED =
            Map.of("knn_top1", "k-NN top-1", "accuracy/top1", "top-1", "accuracy/top5", "top-5");

    /**
     * Copies the weights alone: what only a training needs stays behind.
     *
     * @param source a work folder, whose last checkpoint is meant, or a checkpoint
     * @param name of the model to be
     * @param folder where the copy goes, named after the model and the first digits of its digest
     * @throws IOException if there is none, or it was not written by a training of ours
     */
    static TrainedModel copy(Path source, String name, Path folder) throws IOException {
        Path file = Files.isDirectory(source) ? source.resolve(Trainer.LAST) : source;
        if (!Files.exists(file)) {
            throw new IOException(
                    "there is no " + file + "; expected the work folder or a checkpoint of mocozoo train");
        }
        try (Checkpoint checkpoint = Checkpoint.open(file, ReadLimits.DEFAULT)) {
            Map<String, String> known = checkpoint.metadata();
            String recipeText = known.get("recipe");
            if (recipeText == null) {
                throw new IOException(file + " holds no recipe in its metadata: it was not written by mocozoo train;"
                        + " write a card for it by hand, and name the file in its weights.url");
            }
            Recipe recipe = recipe(recipeText, file);
            Network network = ArchitectureJson.read(recipe.architecture(), file + ", its recipe");
            Map<String, String> metadata = new TreeMap<>(known);
            metadata.keySet().retainAll(List.of("architecture", "classes", "recipe"));
            Path copy = folder.resolve("weights.safetensors");
            Safetensors.write(copy, checkpoint.stateDict(), metadata);
            String sha256 = Sha256.of(copy, Progress.NONE);
            String stem = name + "-" + sha256.substring(0, 8);
            Path named = folder.resolve(stem + ".safetensors");
            AtomicFile.move(copy, named);
            Optional<String> labels =
                    network instanceof Classifier && checkpoint.classes().isPresent()
                            ? Optional.of(stem + ".classes.txt")
                            : Optional.empty();
            if (labels.isPresent()) {
                String lines = String.join(
                        "\n",
                        checkpoint.classes().get().stream()
                                .map(c -> c.replaceAll("\\R", " "))
                                .toList());
                AtomicFile.write(folder.resolve(labels.get()), (lines + "\n").getBytes(StandardCharsets.UTF_8));
            }
            ModelCard card = card(name, recipe, network, named.toUri(), sha256, results(file, known));
            return new TrainedModel(card, folder, labels);
        }
    }

    private static Recipe recipe(String text, Path file) throws IOException {
        try {
            return Recipes.parse(Console.mapper().readTree(text), file + ", its recipe");
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static ModelCard card(
            String name, Recipe recipe, Network network, URI weights, String sha256, List<ModelCard.Result> results) {
        int crop = recipe.data().crop();
        Cost cost = Cost.of(network, crop, crop);
        return new ModelCard(
                name,
                network instanceof Classifier ? Task.IMAGE_CLASSIFICATION : Task.PRETRAINING,
                network,
                recipe.data().preprocessing(),
                Optional.empty(), // of names beside the weights the card below tells
                Optional.of(new ModelCard.Weights(weights, Optional.of(sha256))),
                OptionalLong.of(cost.parameters()),
                OptionalLong.of(Objects.requireNonNull(cost.flops().get(network.costAt()))),
                results,
                Optional.empty(),
                Optional.of(recipe.name()),
                Optional.empty(),
                Optional.empty());
    }

    /** What was last measured up to the checkpoint's step, if the log beside it tells one. */
    private static List<ModelCard.Result> results(Path file, Map<String, String> known) throws IOException {
        Path workDir = Objects.requireNonNull(file.toAbsolutePath().getParent(), "a file lies in a folder");
        if (!Files.exists(workDir.resolve(Scalars.FILE))
                || !known.getOrDefault("step", "").matches("\\d{1,18}")) {
            return List.of();
        }
        long step = Long.parseLong(known.getOrDefault("step", "0"));
        Map<String, Double> last = new TreeMap<>();
        long[] images = {0};
        Scalars.read(
                workDir,
                (text, line) -> MEASURED.forEach((field, metric) -> {
                    if (line.path("step").longValue() <= step
                            && line.path(field).isNumber()) {
                        last.put(metric, line.path(field).doubleValue());
                        images[0] = line.path("held_out").longValue();
                    }
                }));
        String measuredOn =
                images[0] == 0 ? "held-out images of the training" : images[0] + " held-out images of the training";
        return last.entrySet().stream()
                .map(e -> new ModelCard.Result(measuredOn, e.getKey(), Math.round(e.getValue() * 100) / 100.0))
                .toList();
    }

    String fileName() {
        return card.weights().orElseThrow().fileName();
    }

    /** The card with addresses relative to a registry file, which the folder's name leads to. */
    ObjectNode card(String prefix) {
        ObjectNode json = CardJson.write(card);
        ObjectNode weights = (ObjectNode) json.get("weights");
        weights.put("url", prefix + fileName());
        labels.ifPresent(l -> json.put("labels", prefix + l));
        return json;
    }

    /** Puts the files where they stay. */
    void moveTo(Path place) throws IOException {
        AtomicFile.move(folder.resolve(fileName()), place.resolve(fileName()));
        if (labels.isPresent()) {
            AtomicFile.move(folder.resolve(labels.get()), place.resolve(labels.get()));
        }
    }
}
