package io.mocozoo.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * ImageNet-1k's layouts. Labels come from {@code root/meta/SPLIT.txt} if there is such a file (its paths start from
 * {@code root/SPLIT}), else from the folders below {@code root/SPLIT}. The split {@code test} has no labels. As the
 * reference's class of that name.
 *
 * <pre>
 * train/n01440764/n01440764_18.JPEG      meta/train.txt    n01440764/n01440764_18.JPEG 0
 * val/ILSVRC2012_val_00000001.JPEG       meta/val.txt      ILSVRC2012_val_00000001.JPEG 65
 * </pre>
 */
public final class ImageNet {
    /** Number of classes. */
    public static final int CLASSES = 1000;

    private ImageNet() {}

    /**
     * One split, all 1000 classes of it.
     *
     * @param root folder that holds the splits
     * @param split train, val or test
     * @throws IllegalArgumentException if the split is another one
     * @throws DatasetException if an image is missing or a label is outside the classes, or the folders are not 1000
     */
    public static Dataset open(Path root, String split) throws IOException {
        if (!List.of("train", "val", "test").contains(split)) {
            throw new IllegalArgumentException("split must be train, val or test, found " + split);
        }
        Path folder = root.resolve(split);
        if (!Files.isDirectory(folder)) {
            throw new DatasetException(
                    root, "a folder named " + split, "none", "Name the folder that holds train and val.");
        }
        if (split.equals("test")) {
            return ImageFolder.openUnlabelled(folder);
        }
        Path list = annotations(root, split);
        if (Files.isRegularFile(list)) {
            List<String> indices =
                    IntStream.range(0, CLASSES).mapToObj(Integer::toString).toList();
            return ListFile.open(list, folder, indices);
        }
        Dataset scanned = ImageFolder.open(folder);
        if (scanned.classes().size() != CLASSES) {
            throw new DatasetException(
                    folder,
                    CLASSES + " class folders",
                    String.valueOf(scanned.classes().size()),
                    "Complete the data set, or open it as an image folder, which may have any number of classes.");
        }
        return scanned;
    }

    static Path annotations(Path root, String split) {
        return root.resolve("meta").resolve(split + ".txt");
    }
}
