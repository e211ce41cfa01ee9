package io.mocozoo.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One folder per class, images anywhere below it; labels follow the sorted names of the folders. Names are sorted by
 * their bytes, hidden files are skipped, and what is an image its suffix says, in any case: jpg, jpeg, png, ppm, bmp,
 * pgm or tif.
 *
 * <p>As the reference's CustomDataset scans a folder.
 */
public final class ImageFolder {
    private static final Logger LOG = LoggerFactory.getLogger(ImageFolder.class);

    private ImageFolder() {}

    /**
     * Labelled images; a folder without any still counts as a class.
     *
     * @throws DatasetException if there is no image below the class folders
     */
    public static Dataset open(Path root) throws IOException {
        List<String> classes = ImageFiles.folders(root);
        var images = new FileDataset.Builder(root);
        for (int label = 0; label < classes.size(); label++) {
            String name = classes.get(label);
            List<String> found = ImageFiles.below(root.resolve(name));
            if (found.isEmpty()) {
                LOG.warn("{}: no image of class {}", root, name);
            }
            for (String image : found) {
                images.add(name + "/" + image, label);
            }
        }
        if (images.isEmpty()) {
            throw new DatasetException(
                    root,
                    "one folder per class with images in it (" + suffixes() + ")",
                    classes.isEmpty() ? "no folder" : classes.size() + " folders without an image",
                    "Name the folder that holds the class folders.");
        }
        return images.build(classes);
    }

    /**
     * All images below a folder, without labels.
     *
     * @throws DatasetException if there is none
     */
    public static Dataset openUnlabelled(Path root) throws IOException {
        var images = new FileDataset.Builder(root);
        for (String image : ImageFiles.below(root)) {
            images.add(image, FileDataset.UNLABELLED);
        }
        if (images.isEmpty()) {
            throw new DatasetException(root, "images (" + suffixes() + ")", "none", "Name a folder that holds images.");
        }
        return images.build(List.of());
    }

    static String suffixes() {
        return ImageFiles.EXTENSIONS.stream().sorted().collect(Collectors.joining(", "));
    }
}
