package io.mocozoo.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mocozoo.data.Dataset;
import io.mocozoo.evaluate.file.RunException;
import io.mocozoo.runtime.Labels;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TargetsTest {
    private static final List<String> FOLDERS =
            IntStream.range(0, 12).mapToObj(Integer::toString).sorted().toList(); // 0 1 10 11 2 ...

    /** An image in each folder. */
    private record Folders(List<String> classes) implements Dataset {
        @Override
        public int size() {
            return classes.size();
        }

        @Override
        public int label(int index) {
            return index;
        }

        @Override
        public String name(int index) {
            return classes.get(index) + "/image_" + index + ".jpg";
        }

        @Override
        public byte[] read(int index) {
            return new byte[0];
        }
    }

    private static Targets targets(List<String> folders, LabelMap map) throws RunException {
        return Targets.of(new Folders(folders), Labels.NONE, 12, map);
    }

    @Test
    void foldersNamedByNumbersAreThoseClassesInWhateverOrder() throws RunException {
        Targets all = targets(FOLDERS, LabelMap.NONE);
        assertThat(all.how()).isEqualTo("number");
        for (int i = 0; i < FOLDERS.size(); i++) {
            assertThat(all.of(i)).containsExactly(Integer.parseInt(FOLDERS.get(i)));
        }
        assertThat(targets(List.of("3", "11"), LabelMap.NONE).of(1)).containsExactly(11);
        assertThatThrownBy(() -> targets(List.of("3", "12"), LabelMap.NONE))
                .hasMessageContaining("labels up to 12 need 13 classes, the model has 12");
    }

    @Test
    void aLabelMapIsAskedForNamesAlone() {
        LabelMap map =
                new LabelMap(Map.of("0", new int[] {0}, "1", new int[] {1}, "2", new int[] {2}), Map.of(), false);
        assertThatThrownBy(() -> targets(List.of("0", "1", "10"), map)).hasMessageContaining("nothing of class '10'");
    }

    @Test
    void imagesAreLabelledByNamesWithOrWithoutFolders() throws RunException {
        LabelMap map =
                new LabelMap(Map.of(), Map.of("image_0.jpg", new int[] {5, 6}, "7/image_1.jpg", new int[] {7}), false);
        Targets targets = targets(List.of("3", "7"), map);
        assertThat(targets.of(0)).containsExactly(5, 6);
        assertThat(targets.of(1)).containsExactly(7);
    }

    @Test
    void aLabelMapOfOtherImagesIsRefused() {
        LabelMap map = new LabelMap(Map.of(), Map.of("val_1.JPEG", new int[] {5}), false);
        assertThatThrownBy(() -> targets(List.of("3"), map))
                .hasMessageContaining("'val_1.JPEG'")
                .hasMessageContaining("'3/image_0.jpg'");
    }
}
