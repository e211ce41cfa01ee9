package io.mocozoo.data;

import io.mocozoo.runtime.Labels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Opens a data set of any layout. Below a root they are told apart in this order:
 *
 * <ol>
 *   <li>{@code meta/SPLIT.txt}, or {@code SPLIT.txt}, or {@code SPLIT.csv}: a list ({@link ListFile}); its paths start
 *       from {@code SPLIT/} if there is such a folder, else from the root;
 *   <li>tar files in {@code SPLIT/}, or in the root with names that begin with the split or end in {@code _SPLIT.tar}:
 *       {@link TarShards}; with such a list, the images it names, with its labels;
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
            return file(root, split);
        }
        Optional<Dataset> named = split(root, split);
        if (named.isPresent()) {
            return named.get();
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
        return folder(root, classes(root));
    }

    /**
     * One split of a data set by its name, where {@link #open} may take the root itself.
     *
     * @param root folder of the splits
     * @param split such as train or val
     * @return empty if the root has nothing of that name
     * @throws DatasetException if what is there is damaged
     */
    public static Optional<Dataset> split(Path root, String split) throws IOException {
        if (!Files.isDirectory(root)) {
            return Optional.empty();
        }
        List<String> classes = classes(root);
        Path folder = root.resolve(split);
        boolean hasFolder = Files.isDirectory(folder);
        Optional<Path> list = list(root, split);
        if (list.isPresent()) {
            List<Path> shards = hasFolder ? TarShards.shards(folder) : ofSplit(TarShards.shards(root), split);
            return Optional.of(
                    shards.isEmpty()
                            ? ListFile.open(list.get(), hasFolder ? folder : root, classes)
                            : TarShards.openListed(shards, list.get(), classes));
        }
        if (hasFolder) {
            return Optional.of(folder(folder, classes));
        }
        List<Path> ofSplit = ofSplit(TarShards.shards(root), split);
        return ofSplit.isEmpty() ? Optional.empty() : Optional.of(TarShards.open(ofSplit, classes));
    }

    private static Dataset file(Path file, String split) throws IOException {
        Path parent = file.toAbsolutePath().getParent();
        Path folder = parent == null ? file : parent;
        List<String> classes = classes(folder);
        if (!ImageFiles.extension(ImageFiles.name(file)).equals("tar")) {
            return ListFile.open(file, folder, classes);
        }
        Dataset shard = TarShards.open(List.of(file), classes);
        Optional<Path> list = list(folder, split);
        return shard.classes().isEmpty() && list.isPresent()
                ? TarShards.openListed(List.of(file), list.get(), classes)
                : shard;
    }

    private static Optional<Path> list(Path root, String split) {
        return Stream.of(ImageNet.annotations(root, split), root.resolve(split + ".txt"), root.resolve(split + ".csv"))
                .filter(Files::isRegularFile)
                .findFirst();
    }

    /** Named for the split, as val-000.tar and ILSVRC2012_img_val.tar are. */
    private static List<Path> ofSplit(List<Path> shards, String split) {
        return shards.stream()
                .filter(shard -> ImageFiles.name(shard).startsWith(split)
                        || ImageFiles.name(shard).endsWith("_" + split + ".tar"))
                .toList();
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
