package io.mocozoo.evaluate.spark;

import io.mocozoo.data.Dataset;
import io.mocozoo.data.ImageFiles;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.fs.ChecksumFileSystem;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkEnv;
import org.apache.spark.deploy.SparkHadoopUtil;

/**
 * Class folders on any file system of Hadoop's, listed once by the driver; as {@link io.mocozoo.data.ImageFolder} lists
 * them on a disk.
 *
 * @param root address of the folder that holds the class folders
 * @param classes names of the folders, in the order of their labels
 * @param names paths of the images from the root
 * @param labels of the images
 * @param sizes of the images, in bytes
 */
@SuppressWarnings("ArrayRecordComponent") // a list on its way to other machines, never compared
record HadoopFolder(String root, List<String> classes, List<String> names, int[] labels, long[] sizes)
        implements Images {
    /** One image found below a class folder. */
    private record Found(String name, int label, long bytes) {}

    /**
     * Lists {@code ROOT/val}, or {@code ROOT} itself if it has no such folder.
     *
     * @throws IOException if there are no class folders with images; lists and tar files are not looked for
     */
    static HadoopFolder list(String address) throws IOException {
        Path given = path(address);
        FileSystem files = files(given);
        Path split = new Path(given, "val");
        Path root = files.exists(split) ? split : given;
        List<FileStatus> folders = new ArrayList<>();
        for (FileStatus one : entries(files, root)) {
            if (one.isDirectory()) {
                folders.add(one);
            }
        }
        List<String> classes = folders.stream().map(f -> f.getPath().getName()).toList();
        List<Found> found = new ArrayList<>();
        for (int label = 0; label < folders.size(); label++) {
            List<Found> ofClass = new ArrayList<>();
            collect(files, folders.get(label).getPath(), classes.get(label), label, ofClass);
            ofClass.sort(Comparator.comparing(Found::name, ImageFiles.BYTEWISE));
            found.addAll(ofClass);
        }
        if (found.isEmpty()) {
            throw new IOException(root + ": expected one folder per class with images in it, found " + folders.size()
                    + " folders without an image; lists and tar files are read from paths alone, which all machines"
                    + " share");
        }
        return new HadoopFolder(
                root.toUri().toString(),
                List.copyOf(classes),
                found.stream().map(Found::name).toList(),
                found.stream().mapToInt(Found::label).toArray(),
                found.stream().mapToLong(Found::bytes).toArray());
    }

    private static Path path(String address) throws IOException {
        try {
            return new Path(address);
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    "--data expects a path, or an address such as hdfs://host/imagenet, found '" + address + "': "
                            + e.getMessage(),
                    e);
        }
    }

    /**
     * The file system of an address, set up as Spark was told, {@code spark.hadoop.*} too. Local disks without Hadoop's
     * files of checksums, whose names cannot have a colon.
     */
    private static FileSystem files(Path path) throws IOException {
        FileSystem files = path.getFileSystem(
                SparkHadoopUtil.get().newConfiguration(SparkEnv.get().conf()));
        return files instanceof ChecksumFileSystem checked ? checked.getRawFileSystem() : files;
    }

    /** What is in a folder, sorted by name. */
    private static List<FileStatus> entries(FileSystem files, Path folder) throws IOException {
        List<FileStatus> entries = new ArrayList<>(List.of(files.listStatus(folder)));
        entries.sort(Comparator.comparing(one -> one.getPath().getName(), ImageFiles.BYTEWISE));
        return entries;
    }

    private static void collect(FileSystem files, Path folder, String name, int label, List<Found> found)
            throws IOException {
        for (FileStatus one : entries(files, folder)) {
            String below = name + "/" + one.getPath().getName();
            if (one.isDirectory()) {
                collect(files, one.getPath(), below, label, found);
            } else if (ImageFiles.isImage(one.getPath().getName())) {
                found.add(new Found(below, label, one.getLen()));
            }
        }
    }

    @Override
    public Dataset open() throws IOException {
        return new Opened(this, files(path(root))); // setting a file system up takes longer than reading an image
    }

    /** The list, with its file system at hand. */
    private record Opened(HadoopFolder list, FileSystem files) implements Dataset {
        @Override
        public int size() {
            return list.names.size();
        }

        @Override
        public List<String> classes() {
            return list.classes;
        }

        @Override
        public int label(int index) {
            return list.labels[index];
        }

        @Override
        public String name(int index) {
            return list.names.get(index);
        }

        @Override
        public long bytes(int index) {
            return list.sizes[index];
        }

        /** Refused files are told apart as on a disk, so that the reasons are the same. */
        @Override
        public byte[] read(int index) throws IOException {
            String name = name(index);
            try (FSDataInputStream in = files.open(list.file(name))) {
                return in.readAllBytes();
            } catch (FileNotFoundException e) {
                if (String.valueOf(e.getMessage()).contains("Permission denied")) { // Java's words for a local file
                    throw new AccessDeniedException(name);
                }
                throw new NoSuchFileException(name);
            }
        }
    }

    /** Whatever is in the name stands for itself: colons, spaces, per cent signs. */
    private Path file(String name) throws IOException {
        URI folder = URI.create(root);
        try {
            return new Path(new URI(
                    folder.getScheme(),
                    folder.getAuthority(),
                    folder.getPath().replaceAll("/$", "") + "/" + name,
                    null,
                    null));
        } catch (URISyntaxException e) {
            throw new IOException(name + ": cannot be said as an address", e);
        }
    }
}
