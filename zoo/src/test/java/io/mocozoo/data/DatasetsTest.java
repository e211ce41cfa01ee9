package io.mocozoo.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetsTest {
    @TempDir
    Path root;

    private void write(String path, String content) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private static List<String> names(Dataset data) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < data.size(); i++) {
            names.add(data.name(i));
        }
        return names;
    }

    private static List<Integer> labels(Dataset data) {
        List<Integer> labels = new ArrayList<>();
        for (int i = 0; i < data.size(); i++) {
            labels.add(data.label(i));
        }
        return labels;
    }

    private static String content(Dataset data, int index) throws IOException {
        return new String(data.read(index), StandardCharsets.UTF_8);
    }

    @Test
    void givenClassFolders_whenOpened_thenLabelsFollowTheirSortedNames() throws IOException {
        write("train/b/1.JPEG", "b1");
        write("train/b/deep/er/2.png", "b2");
        write("train/a/x.Jpg", "ax");
        write("train/Z/x.jpg", "zx");
        write("train/a/.hidden.jpg", "");
        write("train/a/readme.txt", "");
        write("train/\u00e4/\u00e4.bmp", "\u00e4");
        Dataset data = Datasets.open(root, "train");
        assertThat(data.classes()).containsExactly("Z", "a", "b", "\u00e4");
        assertThat(names(data))
                .containsExactly("Z/x.jpg", "a/x.Jpg", "b/1.JPEG", "b/deep/er/2.png", "\u00e4/\u00e4.bmp");
        assertThat(labels(data)).containsExactly(0, 1, 2, 2, 3);
        assertThat(content(data, 3)).isEqualTo("b2");
    }

    @Test
    void namesAreSortedByTheirBytes() {
        List<String> names = new ArrayList<>(List.of("\ud83d\ude00", "\uff01", "a/b", "a-b", "B"));
        names.sort(ImageFiles.BYTEWISE);
        assertThat(names).containsExactly("B", "a-b", "a/b", "\uff01", "\ud83d\ude00");
    }

    @Test
    void givenAClassWithoutImages_whenOpened_thenItStillCounts() throws IOException {
        Files.createDirectories(root.resolve("train/a"));
        write("train/b/1.jpg", "");
        Dataset data = Datasets.open(root, "train");
        assertThat(data.classes()).containsExactly("a", "b");
        assertThat(labels(data)).containsExactly(1);
    }

    @Test
    void givenImagesAlone_whenOpened_thenTheyHaveNoLabels() throws IOException {
        write("test/2.jpg", "two");
        write("test/1.jpg", "one");
        Dataset data = Datasets.open(root, "test");
        assertThat(data.classes()).isEmpty();
        assertThat(names(data)).containsExactly("1.jpg", "2.jpg");
        assertThat(labels(data)).containsExactly(-1, -1);
        assertThat(content(data, 1)).isEqualTo("two");
    }

    @Test
    void givenNoFolderOfTheSplit_whenOpened_thenTheRootIsTheDataSet() throws IOException {
        write("cat/1.jpg", "");
        write("dog/1.jpg", "");
        assertThat(Datasets.open(root, "val").classes()).containsExactly("cat", "dog");
    }

    @Test
    void givenOtherSplits_whenOpened_thenTheyAreNotTakenForClasses() throws IOException {
        write("train/cat/1.jpg", "");
        assertThatThrownBy(() -> Datasets.open(root, "val"))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("named val")
                .hasMessageContaining("[train]");
    }

    @Test
    void givenAnAnnotationFile_whenOpened_thenPathsMayHoldSpaces() throws IOException {
        write("val/a picture of 1.JPEG", "x");
        write("val/2.JPEG", "y");
        write("meta/val.txt", "a picture of 1.JPEG 3\n\n2.JPEG 0\n");
        Dataset data = Datasets.open(root, "val");
        assertThat(names(data)).containsExactly("a picture of 1.JPEG", "2.JPEG");
        assertThat(labels(data)).containsExactly(3, 0);
        assertThat(data.classes()).containsExactly("0", "1", "2", "3");
        assertThat(content(data, 0)).isEqualTo("x");
    }

    @Test
    void givenACsv_whenOpened_thenQuotesAreUnderstood() throws IOException {
        write("images/a,b \"c\".jpg", "x");
        write("images/d.jpg", "y");
        write("train.csv", "path,label\n\"images/a,b \"\"c\"\".jpg\",1\nimages/d.jpg,0\n");
        write("classes.txt", "cat\ndog\n");
        Dataset data = Datasets.open(root, "train");
        assertThat(names(data)).containsExactly("images/a,b \"c\".jpg", "images/d.jpg");
        assertThat(labels(data)).containsExactly(1, 0);
        assertThat(data.classes()).containsExactly("cat", "dog");
        assertThat(content(data, 0)).isEqualTo("x");
    }

    @Test
    void givenAnAbsolutePath_whenListed_thenItIsRead() throws IOException {
        write("elsewhere/1.jpg", "x");
        write("sets/list.txt", root.resolve("elsewhere/1.jpg").toAbsolutePath() + " 0\n");
        assertThat(content(Datasets.open(root.resolve("sets/list.txt"), "train"), 0))
                .isEqualTo("x");
    }

    @Test
    void givenABadList_whenOpened_thenEveryFaultIsNamed() throws IOException {
        write("train/1.jpg", "");
        write("classes.txt", "cat\ndog\n");
        write("train.txt", "1.jpg 0\n1.jpg 2\nmissing.jpg 1\n1.jpg\n1.jpg x\n");
        assertThatThrownBy(() -> Datasets.open(root, "train"))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("4 of them")
                .hasMessageContaining("line 2: label 2 is outside the 2 classes")
                .hasMessageContaining("line 3: no file")
                .hasMessageContaining("line 4: no label in '1.jpg'")
                .hasMessageContaining("line 5: no label in '1.jpg x'");
    }

    @Test
    void givenManyFaults_whenOpened_thenTheListIsBounded() throws IOException {
        write("train.txt", "missing.jpg 1\n".repeat(1000));
        assertThatThrownBy(() -> Datasets.open(root, "train"))
                .hasMessageContaining("1000 of them")
                .hasMessageContaining("and 980 more")
                .satisfies(e -> assertThat(e.toString().lines().count()).isLessThan(30));
    }

    @Test
    void givenNothing_whenOpened_thenSaysWhatWasExpected() throws IOException {
        Files.createDirectories(root.resolve("train/empty"));
        assertThatThrownBy(() -> Datasets.open(root, "train"))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("class folders with images")
                .hasMessageContaining("1 folders without images");
        assertThatThrownBy(() -> Datasets.open(root.resolve("nowhere"), "train"))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("nothing");
    }

    @Test
    void givenImageNetWithFoldersMissing_whenOpened_thenRefused() throws IOException {
        write("train/n01440764/1.JPEG", "");
        assertThatThrownBy(() -> ImageNet.open(root, "train"))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("1000 class folders");
        assertThatThrownBy(() -> ImageNet.open(root, "validation")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void givenImageNetsList_whenOpened_thenLabelsAreOfAThousandClasses() throws IOException {
        write("val/1.JPEG", "");
        write("meta/val.txt", "1.JPEG 999\n");
        Dataset data = ImageNet.open(root, "val");
        assertThat(data.classes()).hasSize(1000);
        assertThat(data.label(0)).isEqualTo(999);
        write("meta/val.txt", "1.JPEG 1000\n");
        assertThatThrownBy(() -> ImageNet.open(root, "val")).hasMessageContaining("outside the 1000 classes");
    }

    private void tar(String path, String... members) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(Files.newOutputStream(file))) {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            for (int i = 0; i < members.length; i += 2) {
                byte[] bytes = members[i + 1].getBytes(StandardCharsets.UTF_8);
                TarArchiveEntry entry = new TarArchiveEntry(members[i]);
                entry.setSize(bytes.length);
                tar.putArchiveEntry(entry);
                tar.write(bytes);
                tar.closeArchiveEntry();
            }
        }
    }

    @Test
    void givenATarWithoutLabelsAndAListBesideIt_whenOpened_thenTheListSaysLabelsAndOrder() throws IOException {
        tar("ILSVRC2012_img_val.tar", "2.JPEG", "two", "1.JPEG", "one", "deep/3.JPEG", "three");
        assertThat(Datasets.open(root.resolve("ILSVRC2012_img_val.tar"), "val").classes())
                .isEmpty();
        write("meta/val.txt", "1.JPEG 3\n2.JPEG 0\ndeep/3.JPEG 1\n");
        for (Path opened : List.of(root, root.resolve("ILSVRC2012_img_val.tar"))) {
            Dataset data = Datasets.open(opened, "val");
            assertThat(names(data)).containsExactly("1.JPEG", "2.JPEG", "deep/3.JPEG");
            assertThat(labels(data)).containsExactly(3, 0, 1);
            assertThat(content(data, 0)).isEqualTo("one");
            assertThat(data.bytes(2)).isEqualTo(5);
            assertThat(data.classes()).hasSize(4);
        }
        write("meta/val.txt", "1.JPEG 3\n4.JPEG 0\n");
        assertThatThrownBy(() -> Datasets.open(root, "val"))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("line 2: no file")
                .hasMessageContaining("4.JPEG");
    }

    @Test
    void givenAPipeOrABackslash_whenRead_thenNeitherHangsNorIsTakenForAFolder() throws IOException {
        Files.createDirectories(root.resolve("val/a/folder.jpg"));
        write("val/a/folder.jpg/x.jpg", "x");
        write("val/a/b\\c.jpg", "bc");
        Dataset data = Datasets.open(root, "val");
        assertThat(names(data)).containsExactly("a/b\\c.jpg", "a/folder.jpg/x.jpg");
        assertThat(content(data, 0)).isEqualTo("bc");
        Files.delete(root.resolve("val/a/b\\c.jpg"));
        Files.createDirectories(root.resolve("val/a/b\\c.jpg"));
        assertThatThrownBy(() -> data.read(0)).hasMessageContaining("expected a file, found a folder");
    }

    @Test
    void givenShards_whenOpened_thenImagesAndLabelsFindEachOther() throws IOException {
        String deep = "d/".repeat(80);
        tar("train-000001.tar", "c.jpg", "see", "c.cls", "0");
        tar(
                "train-000000.tar",
                "a.cls",
                "2\n",
                "a.jpg",
                "ay",
                deep + "b.v1.png",
                "be",
                deep + "b.cls",
                "1",
                "x.json",
                "{}");
        tar("val-000000.tar", "a.jpg", "other", "a.cls", "0");
        Dataset data = Datasets.open(root, "train");
        assertThat(names(data))
                .containsExactly("train-000000.tar/a", "train-000000.tar/" + deep + "b", "train-000001.tar/c");
        assertThat(labels(data)).containsExactly(2, 1, 0);
        assertThat(data.classes()).containsExactly("0", "1", "2");
        assertThat(content(data, 2)).isEqualTo("see");
        assertThat(content(data, 0)).isEqualTo("ay");
        assertThat(content(data, 1)).isEqualTo("be");
    }

    @Test
    void givenShardsInAFolderWithoutLabels_whenOpened_thenThereAreNone() throws IOException {
        tar("train/0.tar", "a.jpg", "ay");
        Dataset data = Datasets.open(root, "train");
        assertThat(data.classes()).isEmpty();
        assertThat(labels(data)).containsExactly(-1);
    }

    @Test
    void givenBadShards_whenOpened_thenSaysWhere() throws IOException {
        tar("a/0.tar", "a.jpg", "", "a.cls", "0", "b.jpg", "");
        assertThatThrownBy(() -> Datasets.open(root.resolve("a"), "train"))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("0.tar/b: an image without a label");
        tar("b/0.tar", "a.jpg", "", "a.cls", "cat");
        assertThatThrownBy(() -> Datasets.open(root.resolve("b"), "train")).hasMessageContaining("a.cls: not a label");
        write("c/0.tar", "no tar file".repeat(1000));
        assertThatThrownBy(() -> Datasets.open(root.resolve("c"), "train"))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("a tar file");
    }

    @Test
    void givenAShardCutShort_whenOpenedOrRead_thenRefused() throws IOException {
        tar("a/0.tar", "a.jpg", "x".repeat(2000), "b.jpg", "y".repeat(2000));
        byte[] whole = Files.readAllBytes(root.resolve("a/0.tar"));
        Files.write(root.resolve("a/0.tar"), Arrays.copyOf(whole, 1500));
        assertThatThrownBy(() -> Datasets.open(root.resolve("a"), "train").read(0))
                .isInstanceOf(DatasetException.class);
    }
}
