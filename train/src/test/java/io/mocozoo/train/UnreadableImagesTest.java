package io.mocozoo.train;

import static io.mocozoo.train.TinyTrainings.cutAfter;
import static io.mocozoo.train.TinyTrainings.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mocozoo.data.Dataset;
import io.mocozoo.store.Progress;
import io.mocozoo.train.TinyTrainings.Cut;
import io.mocozoo.train.TinyTrainings.Drawn;
import io.mocozoo.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images that cannot be read while a network learns. */
class UnreadableImagesTest {
    @TempDir
    Path folder;

    /** Drawn figures of which some are damaged, with a name that a line cannot hold. */
    private record Damaged(Drawn all, Set<Integer> bad) implements Dataset {
        @Override
        public int size() {
            return all.size();
        }

        @Override
        public List<String> classes() {
            return all.classes();
        }

        @Override
        public int label(int index) {
            return all.label(index);
        }

        @Override
        public String name(int index) {
            return "figure\n" + index + "\t\\";
        }

        @Override
        public byte[] read(int index) throws IOException {
            return bad.contains(index) ? new byte[20] : all.read(index);
        }
    }

    private static Trainer.Settings with(Trainer.Settings settings, Dataset data, int unreadable) {
        return new Trainer.Settings(
                settings.recipe(),
                data,
                settings.heldOut(),
                settings.views(),
                settings.workDir(),
                settings.resume(),
                settings.pretrained(),
                settings.hardware(),
                settings.rollbacks(),
                unreadable,
                settings.learningRate(),
                settings.progress());
    }

    @Test
    void limitHoldsForAWorkFolderNotForAProcess() throws Exception {
        Recipe recipe = TinyRecipes.pretraining(2, Map.of("checkpointSteps", "1"));
        Path work = folder.resolve("work");
        Dataset bad = new Damaged(new Drawn(72), Set.of(3, 11, 20, 33, 41, 50));
        assertThatThrownBy(() -> new Trainer(with(settings(recipe, work, true, 1, cutAfter(3)), bad, 100)).run())
                .isInstanceOf(Cut.class);
        List<String> before = Files.readAllLines(work.resolve("unreadable.txt"));
        assertThat(before).isNotEmpty().allMatch(line -> line.matches("figure\\\\n\\d+\\\\t\\\\\\\\\t.+"));
        assertThatThrownBy(() -> new Trainer(with(settings(recipe, work, true, 1, Progress.NONE), bad, 5)).run())
                .hasMessageContaining("6 images cannot be read, more than the 5 allowed")
                .hasMessageContaining("--unreadable-limit N");
        assertThatThrownBy(() -> new Trainer(with(settings(recipe, work, true, 1, Progress.NONE), bad, 5)).run())
                .hasMessageContaining("more than the 5 allowed"); // again, though this process saw fewer
        Dataset mended = new Damaged(new Drawn(72), Set.of(3, 11, 20, 33, 41));
        new Trainer(with(settings(recipe, work, true, 1, Progress.NONE), mended, 5)).run();
        List<String> after = Files.readAllLines(work.resolve("unreadable.txt"));
        assertThat(after).hasSize(5).noneMatch(line -> line.startsWith("figure\\n50"));
    }

    @Test
    void oneThatIsLeftAloneComesTwice() throws Exception {
        Recipe recipe = TinyRecipes.pretraining(2, Map.of("batch", "38", "checkpointSteps", "1"));
        for (int size = 40; size < 44; size++) { // second batches of 2 to 5, with one to lose
            Set<Integer> bad = new TreeSet<>();
            for (int i = 0; i < 5; i++) {
                bad.add(8 * i);
            }
            Path work = folder.resolve("size-" + size);
            new Trainer(with(settings(recipe, work, false, 1, Progress.NONE), new Damaged(new Drawn(size), bad), 100))
                    .run();
            assertThat(Files.readAllLines(work.resolve("scalars.jsonl")))
                    .hasSize(4)
                    .noneMatch(l -> l.contains("NaN"));
        }
    }
}
