package io.mocozoo.train.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every number of a recipe is held against its type and its range, and a fault is said with its place. */
class RecipesTest {
    private static final String CONTRASTIVE = "mocov3_vit-tiny-p8_shapes";
    private static final String FINE_TUNING = "vit-base-p16_8xb64-coslr-150e_in1k";

    @TempDir
    Path folder;

    static List<String> names() {
        return Recipes.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void recipeOutlivesItsOwnJson(String name) throws IOException {
        Recipe recipe = Recipes.load(name, Map.of());
        assertThat(Recipes.parse(Recipes.json(recipe), "again")).isEqualTo(recipe);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "batch=abc | batch: expected a whole number, found \"abc\"",
                "batch=1.5 | batch: expected a whole number, found 1.5",
                "batch=3000000000 | batch: expected a whole number of at most 2147483647, found 3000000000",
                "seed=9223372036854775808 | seed: expected a whole number of at most 9223372036854775807, found",
                "batch=0 | batch: expected a number above 0, found 0",
                "batch=1000000 | batch: expected at most",
                "batch=true | batch: expected a whole number, found true",
                "epochs=-3 | epochs: expected a number above 0, found -3",
                "microBatch=-1 | microBatch: expected a number of at least 0, found -1",
                "precision=fp8 | precision: expected one of fp32, bf16, fp16, found \"fp8\"",
                "precision=16 | precision: expected text, found 16",
                "optimizer.lr=fast | optimizer.lr: expected a number, found \"fast\"",
                "optimizer.lr=NaN | optimizer.lr: expected a number, found \"NaN\"",
                "optimizer.lr=1e400 | optimizer.lr: expected a finite number, found",
                "optimizer.lr=-0.1 | optimizer.lr: expected a number above 0, found -0.1",
                "optimizer.beta1=0 | optimizer.beta1: expected a number above 0 and below 1, found 0.0",
                "optimizer.biasDecay=-1 | optimizer.biasDecay: expected a number of at least 0, found -1.0",
                "optimizer.speed=1 | optimizer.speed: expected one of beta1, ",
                "optimizer=5 | optimizer: expected an object, found 5",
                "data.mean=[1,2] | data.mean: expected three numbers (R, G, B), found [1.0, 2.0]",
                "data.mean=[1,2,\"x\"] | data.mean.2: expected a number, found \"x\"",
                "data.std=[1,0,1] | data.std: expected three numbers above 0 (R, G, B), found [1.0, 0.0, 1.0]",
                "data.crop=0 | data.crop: expected 1 to 14336 pixels, found 0",
                "data.cropScaleMin=2 | data.cropScaleMin: expected a share above 0, up to the cropScaleMax of",
                "data.augmentation=crop-flip | data.augmentation: expected moco-v3, whose two views",
                "schedule=5 | schedule: expected an array of objects, found 5",
                "schedule.0=5 | schedule.0: expected an object, found 5",
                "schedule.0.end=soon | schedule.0.end: expected a whole number, found \"soon\"",
                "schedule.0.end=0 | schedule.0.end: expected 1 or later, since it begins with epoch 0, found 0",
                "schedule.0.startFactor=0 | schedule.0.startFactor: expected a share above 0, up to 1, found 0.0",
                "schedule.0.begin=2147483647 | schedule.0.end: expected 2147483648 or later, since it begins with epoch",
                "data.mean.0=1e308 | data.mean: expected three numbers (R, G, B), found [1.0E308",
                "epochs=2000000000 | epochs: expected at most 1000000, found 2000000000",
                "schedule.0.byEpoch=1 | schedule.0.byEpoch: expected true or false, found 1",
                "schedule.1.begin=1 | schedule.1.begin: expected 2 or later, the end before it, found 1",
                "schedule.1.least=-1 | schedule.1.least: expected a number of at least 0, found -1.0",
                "schedule.1.type=step | schedule.1.type: expected one of linear, cosine, found \"step\"",
                "method=foo | method: expected one of moco-v3, linear-probe, fine-tune, found \"foo\"",
                "moco=1 | moco: expected an object, found 1",
                "moco.encoderMomentum=0 | moco.encoderMomentum: expected a weight above 0, up to 1, found 0.0",
                "moco.encoderMomentum=1.1 | moco.encoderMomentum: expected a weight above 0, up to 1, found 1.1",
                "frozenStages=1 | frozenStages: expected 0 with the method moco-v3, found 1",
                "moco.temperature=0 | moco.temperature: expected a number above 0, found 0.0",
                "architecture=1 | architecture: expected an object, found 1",
                "architecture.backbone.depth=deep | architecture.backbone.depth: expected a positive whole number",
                "architecture.backbone.heads=5 | architecture.backbone: expected sizes that fit together, found",
                "architecture.projector.hidden=0 | architecture.projector.hidden: expected a positive whole number",
            })
    void wrongValueIsSaidWithItsPlace(String change, String message) {
        refuses(CONTRASTIVE, change, message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "architecture.head.classes=2000000 | architecture: classes must be positive, at most 1048576, found",
                "classifier.dropPath=1 | classifier.dropPath: expected a number of at least 0 and below 1, found 1.0",
                "classifier.labelSmoothing=-0.1 | classifier.labelSmoothing: expected a number of at least 0 and",
                "classifier.mixup=-1 | classifier.mixup: expected a number of at least 0, found -1.0",
                "classifier.cutmix=-1 | classifier.cutmix: expected a number of at least 0, found -1.0",
                "classifier.averageWeight=1 | classifier.averageWeight: expected a number of at least 0 and below 1",
                "frozenStages=13 | frozenStages: expected 0 to 12, the stages of the backbone, found 13",
                "frozenStages=-1 | frozenStages: expected 0 to 12, the stages of the backbone, found -1",
                "classifier.headStd=0 | classifier.headStd: expected a number above 0, found 0.0",
                "architecture.head.classes=0 | architecture.head.classes: expected a positive whole number, found 0",
                "optimizer.rules.0.decay=-1 | optimizer.rules.0.decay: expected a number of at least 0, found -1.0",
                "data.augmentation=moco-v3 | data.augmentation: expected crop-flip or rand-augment, found \"moco-v3\"",
                "moco.temperature=1 | --set moco.temperature: the recipe has no moco with values below it; expected one",
            })
    void wrongValueOfAClassifierTooIsSaidWithItsPlace(String change, String message) {
        refuses(FINE_TUNING, change, message);
    }

    private static void refuses(String recipe, String change, String message) {
        int equals = change.indexOf('=');
        Map<String, String> changes = Map.of(change.substring(0, equals), change.substring(equals + 1));
        assertThatThrownBy(() -> Recipes.load(recipe, changes))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(message.startsWith("--set") ? message : "recipe " + recipe + ": " + message);
    }

    @Test
    void storedRecipeThatIsOlderThanAFieldIsTheSame() throws IOException {
        Recipe recipe = Recipes.load(FINE_TUNING, Map.of());
        ObjectNode older = Recipes.json(recipe);
        older.remove("frozenStages");
        assertThat(Recipes.stored(older.toString(), "older")).isEqualTo(Recipes.json(recipe));
        older.put("colour", 3); // of another version: as it is
        assertThat(Recipes.stored(older.toString(), "newer").get("colour").intValue())
                .isEqualTo(3);
        assertThatThrownBy(() -> Recipes.stored("nothing", "damaged"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("damaged: expected a JSON object, found nothing");
    }

    @Test
    void methodSaysWhatItNeeds() {
        assertThatThrownBy(() -> Recipes.load(CONTRASTIVE, Map.of("method", "fine-tune")))
                .hasMessageContaining("moco: expected nothing with the method fine-tune, found an object")
                .hasMessageContaining("classifier: expected an object with the method fine-tune, found nothing")
                .hasMessageContaining("architecture: expected a head with the method fine-tune, found a projector");
    }

    @Test
    void everyFaultOfAFileIsSaidAtOnce() throws IOException {
        ObjectNode tree = Recipes.json(Recipes.load(CONTRASTIVE, Map.of()));
        tree.remove(List.of("optimizer", "epochs"));
        tree.put("batch", "many").put("colour", 3);
        Path file = Files.writeString(folder.resolve("own.json"), tree.toString());
        assertThatThrownBy(() -> Recipes.load(file.toString(), Map.of()))
                .isInstanceOf(RecipeException.class)
                .hasMessageContaining("recipe " + file + ": 4 problems")
                .hasMessageContaining("epochs: expected a whole number, found nothing")
                .hasMessageContaining("batch: expected a whole number, found \"many\"")
                .hasMessageContaining("optimizer: expected an object, found nothing")
                .hasMessageContaining("colour: expected one of about, accumulate, architecture, ");
        Files.writeString(file, "[]");
        assertThatThrownBy(() -> Recipes.load(file.toString(), Map.of())).hasMessageContaining("expected an object");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {"{\"name\": }|10", "{\"batch\": 1, \"batch\": 2}|21", "{} {}|4", "{\"name\": \"x\"|13"})
    void fileThatIsNoJsonIsRefusedWithThePlace(String text, int column) throws IOException {
        Path file = Files.writeString(folder.resolve("own.json"), text);
        assertThatThrownBy(() -> Recipes.load(file.toString(), Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("recipe " + file + ", line 1, column " + column + ": expected JSON, found");
    }

    @Test
    void placeThatIsNotThereIsRefusedWithThoseThatAre() {
        assertThatThrownBy(() -> Recipes.load(CONTRASTIVE, Map.of("optimiser.lr", "1")))
                .hasMessage("--set optimiser.lr: the recipe has no optimiser with values below it;"
                        + " expected one of architecture, data, optimizer, schedule, moco there");
        assertThatThrownBy(() -> Recipes.load(CONTRASTIVE, Map.of("data.mean.3", "1")))
                .hasMessage("--set data.mean.3: the recipe has no data.mean.3; expected one of 0, 1, 2 there");
    }

    @Test
    void recipeMadeInJavaIsCheckedLikeOneThatIsRead() {
        assertThatThrownBy(() -> new Recipe.MocoSpec(0.99, Double.NaN))
                .isInstanceOf(RecipeException.class)
                .hasMessage("temperature: expected a number above 0, found NaN");
        assertThatThrownBy(() -> new Recipe.PhaseSpec("linear", 0, 1, 0.1, 0, true))
                .hasMessageContaining("end: expected 2 or later");
    }

    @Test
    void scheduleEndsWithTheEpochsItEndedWith() throws IOException {
        List<String> said = new ArrayList<>();
        Recipe half = Recipes.load(FINE_TUNING, Map.of("epochs", "75"), said::add);
        assertThat(half.schedule().get(1).end()).isEqualTo(75);
        assertThat(half.schedule().get(0).end()).isEqualTo(5);
        assertThat(said)
                .containsExactly(
                        "schedule.1.end is 75 with the epochs, no longer 150; --set schedule.1.end=150 keeps it");
    }

    @Test
    void scheduleWhoseEndIsNamedStays() throws IOException {
        List<String> said = new ArrayList<>();
        Map<String, String> changes = new LinkedHashMap<>();
        changes.put("epochs", "75");
        changes.put("schedule.1.end", "150");
        assertThat(Recipes.load(FINE_TUNING, changes, said::add)
                        .schedule()
                        .get(1)
                        .end())
                .isEqualTo(150);
        assertThat(Recipes.load(FINE_TUNING, Map.of("epochs", "150"), said::add).epochs())
                .isEqualTo(150);
        assertThat(said).isEmpty();
    }

    @Test
    void warmUpThatDoesNotFitIsRefusedWithWhatMakesItFit() throws IOException {
        assertThatThrownBy(() -> Recipes.load(FINE_TUNING, Map.of("epochs", "5")))
                .hasMessageContaining("recipe " + FINE_TUNING + ": epochs: expected more than 5")
                .hasMessageContaining("--set schedule.0.end=4 --set schedule.1.begin=4 --set schedule.1.end=5");
        Map<String, String> advised =
                Map.of("epochs", "5", "schedule.0.end", "4", "schedule.1.begin", "4", "schedule.1.end", "5");
        assertThat(Recipes.load(FINE_TUNING, advised).schedule().get(1).begin()).isEqualTo(4);
        assertThatThrownBy(() -> Recipes.load(FINE_TUNING, Map.of("epochs", "1")))
                .hasMessageContaining("--set 'schedule=[{\"type\":\"cosine\",\"begin\":0,\"end\":1}]'");
        Map<String, String> other = Map.of("epochs", "1", "schedule", "[{\"type\":\"cosine\",\"begin\":0,\"end\":1}]");
        assertThat(Recipes.load(FINE_TUNING, other).schedule()).hasSize(1);
    }
}
