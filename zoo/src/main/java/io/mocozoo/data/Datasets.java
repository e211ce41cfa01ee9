package io.mocozoo.data;

import io.mocozoo.runtime.Labels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * Opens a data set of any layout. Below a root they are told apart in this order:
 *
 * <ol>
 *   <li>{@code meta/SPLIT.txt}, or {@code SPLIT.txt}, or {@code SPLIT.csv}: a list ({@link ListFile}); its paths start
 *       from {@code SPLIT/} if there is such a folder, else from the root;
 *   <li>tar files in {@code SPLIT/}, or in the root with names that begin with the split: {@link TarShards};
 *   <li>folders with images in {@code SPLIT/}: one per class ({@link ImageFolder});
 *   <li>images in {@code SPLIT/} itself: no labels.
 * </ol>
 *
 * Without such a split the root itself may be a list, a tar file, or a folder of class folders, images or tar files, but
 * not one that holds other splits (train, val, test).
 * Names of classes are taken from {@code meta/classes.txt} or {@code classes.txt} in the root, one a line in the order of
 * their labels, if there is such a file and the layout has only numbers.
 */
public final class Datasets {
    private static final Set<String> SPLITS = Set.of("train", "val", "test");

    private Datasets() {}

    /**
     * One split of a data set.
     *
     * @param root folder of the splits; or the list, tar file or folder itself
     * @param split such as train or val
     * @throws DatasetException if nothing of the kind is there, or it is damaged
     */
    public static Dataset open(Path root, String split) throws IOException {
        if (!Files.exists(root)) {
            throw new DatasetException(root, "a data set", "nothing", "Check the path.");
        }
        if (Files.isRegularFile(root)) {
            return file(root);
        }
        List<String> classes = classes(root);
        Path folder = root.resolve(split);
        boolean hasFolder = Files.isDirectory(folder);
        for (Path list : List.of(
                ImageNet.annotations(root, split), root.resolve(split + ".txt"), root.resolve(split + ".csv"))) {
            if (Files.isRegularFile(list)) {
                return ListFile.open(list, hasFolder ? folder : root, classes);
            }
        }
        if (hasFolder) {
            return folder(folder, classes);
        }
        List<Path> shards = TarShards.shards(root);
        List<Path> ofSplit = shards.stream()
                .filter(shard -> ImageFiles.name(shard).startsWith(split))
                .toList();
        if (!ofSplit.isEmpty()) {
            return TarShards.open(ofSplit, classes);
        }
        List<String> others =
                ImageFiles.folders(root).stream().filter(SPLITS::contains).toList();
        if (!others.isEmpty()) { // or they would be taken for classes
            throw new DatasetException(
                    root,
                    "a folder, a list or tar files named " + split,
                    "the splits " + others,
                    "Ask for one of them, or add the missing one.");
        }
        return folder(root, classes);
    }

    private static Dataset file(Path file) throws IOException {
        Path parent = file.toAbsolutePath().getParent();
        Path folder = parent == null ? file : parent;
        List<String> classes = classes(folder);
        return ImageFiles.extension(ImageFiles.name(file)).equals("tar")
                ? TarShards.open(List.of(file), classes)
                : ListFile.open(file, folder, classes);
    }

    private static Dataset folder(Path folder, List<String> classes) throws IOException {
        List<Path> shards = TarShards.shards(folder);
        if (!shards.isEmpty()) {
            return TarShards.open(shards, classes);
        }
        List<String> folders = ImageFiles.folders(folder);
        for (String name : folders) {
            if (!ImageFiles.below(folder.resolve(name)).isEmpty()) {
                return ImageFolder.open(folder);
            }
        }
        if (ImageFiles.below(folder).isEmpty()) {
            throw new DatasetException(
                    folder,
                    "class folders with images, images, tar files, or a list beside it",
                    folders.isEmpty() ? "none of them" : folders.size() + " folders without images",
                    "Images end in one of " + ImageFolder.suffixes() + "; name the folder that holds the splits.");
        }
        return ImageFolder.openUnlabelled(folder);
    }

    private static List<String> classes(Path root) throws IOException {
        for (Path names : List.of(root.resolve("meta").resolve("classes.txt"), root.resolve("classes.txt"))) {
            if (Files.isRegularFile(names)) {
                return Labels.read(names).names();
            }
        }
        return List.of();
    }
}
