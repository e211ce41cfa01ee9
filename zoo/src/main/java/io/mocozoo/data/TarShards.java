package io.mocozoo.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Images in tar files, as WebDataset keeps them: members with the same path up to the first dot of the name belong
 * together, such as {@code 000/17.jpg} and {@code 000/17.cls}, which holds the label in digits. Shards come in the order
 * of their names, images in that of the tar. Opening reads the headers alone; images are read where they lie, so any
 * order costs the same.
 */
public final class TarShards {
    private static final String LABEL = "cls";
    private static final int MOST_LABEL_BYTES = 16;

    private TarShards() {}

    /** Where a member's bytes lie. */
    private record Place(Path shard, long offset, int bytes) {}

    /** An image, perhaps with its label, under one key. */
    private static final class Sample {
        final String name;

        @Nullable
        Place image;

        String member = "";

        int label = FileDataset.UNLABELLED;

        Sample(String name) {
            this.name = name;
        }
    }

    /** The tar files of a folder, in the order of their names. */
    static List<Path> shards(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(
                            file -> ImageFiles.extension(ImageFiles.name(file)).equals("tar")
                                    && Files.isRegularFile(file)
                                    && !ImageFiles.name(file).startsWith("."))
                    .sorted((a, b) -> ImageFiles.BYTEWISE.compare(ImageFiles.name(a), ImageFiles.name(b)))
                    .toList();
        }
    }

    /**
     * The images of some shards. All have labels or none has.
     *
     * @param classes names in the order of their labels; empty for the numbers from 0 to the largest label
     * @throws DatasetException if a shard is no tar file, there is no image, an image among labelled ones has no label,
     *     or a label is outside the classes
     */
    public static Dataset open(List<Path> shards, List<String> classes) throws IOException {
        if (shards.isEmpty()) {
            throw new IllegalArgumentException("expected at least one shard, found none");
        }
        List<Sample> samples = new ArrayList<>();
        List<String> wrong = new ArrayList<>();
        for (Path shard : shards) {
            scan(shard, classes, samples, wrong);
        }
        int largest = samples.stream().mapToInt(s -> s.label).max().orElse(FileDataset.UNLABELLED);
        if (largest >= 0) {
            samples.stream()
                    .filter(s -> s.label < 0)
                    .forEach(s -> wrong.add(s.name + ": an image without a label among labelled ones"));
        }
        Path first = shards.get(0);
        if (!wrong.isEmpty()) {
            throw new DatasetException(
                    first,
                    "pairs of an image and a .cls file with its label",
                    "other members in this or the following shards, " + DatasetException.listed(wrong),
                    "Write the shards again.");
        }
        if (samples.isEmpty()) {
            throw new DatasetException(
                    first,
                    "images (" + ImageFolder.suffixes() + ")",
                    "none in " + shards.size() + " shards",
                    "Name other shards.");
        }
        List<String> names = classes.isEmpty()
                ? IntStream.rangeClosed(0, largest).mapToObj(Integer::toString).toList()
                : classes;
        return new Shards(samples, largest < 0 ? List.of() : List.copyOf(names));
    }

    /**
     * The images of some shards that a list names, with its labels, in its order: the official validation tar of ImageNet
     * has no labels of its own. A path of the list is that of a member, or the last part of it.
     *
     * @param classes names in the order of their labels; empty for the numbers from 0 to the largest label
     * @throws DatasetException if a shard is no tar file, or the list is wrong
     */
    static Dataset openListed(List<Path> shards, Path list, List<String> classes) throws IOException {
        List<Sample> samples = new ArrayList<>();
        List<String> wrong = new ArrayList<>();
        for (Path shard : shards) {
            scan(shard, List.of(), samples, wrong); // labels inside, if any, give way to the list
        }
        Map<String, Sample> members = new HashMap<>();
        for (Sample sample : samples) {
            members.putIfAbsent(sample.member, sample);
            members.putIfAbsent(sample.member.substring(sample.member.lastIndexOf('/') + 1), sample);
        }
        List<ListFile.Entry> entries = ListFile.entries(list, classes, members::containsKey, shards.get(0) + ", ");
        List<Sample> listed = new ArrayList<>();
        for (ListFile.Entry entry : entries) {
            Sample sample = new Sample(entry.path());
            sample.image = Objects.requireNonNull(members.get(entry.path())).image;
            sample.label = entry.label();
            listed.add(sample);
        }
        return new Shards(listed, ListFile.names(entries, classes));
    }

    private static void scan(Path shard, List<String> classes, List<Sample> samples, List<String> wrong)
            throws IOException {
        Map<String, Sample> keyed = new LinkedHashMap<>();
        try (InputStream file = new BufferedInputStream(Files.newInputStream(shard));
                TarArchiveInputStream tar = new TarArchiveInputStream(file);
                FileChannel channel = FileChannel.open(shard, StandardOpenOption.READ)) {
            for (TarArchiveEntry entry; (entry = tar.getNextEntry()) != null; ) {
                if (!entry.isFile() || entry.isSparse()) {
                    continue;
                }
                String path = entry.getName();
                String name = path.substring(path.lastIndexOf('/') + 1);
                int dot = name.indexOf('.');
                if (dot < 1) {
                    continue; // hidden, or without a suffix
                }
                String key = path.substring(0, path.length() - name.length() + dot);
                String suffix = ImageFiles.extension(name);
                boolean label = name.substring(dot + 1).equals(LABEL);
                if (!label && !ImageFiles.EXTENSIONS.contains(suffix)) {
                    continue;
                }
                if (entry.getSize() > Integer.MAX_VALUE - 8) {
                    wrong.add(shard + ", " + path + ": " + entry.getSize() + " bytes are too many");
                    continue;
                }
                var place = new Place(shard, tar.getBytesRead(), (int) entry.getSize());
                Sample sample = keyed.computeIfAbsent(key, k -> new Sample(ImageFiles.name(shard) + "/" + k));
                if (label) {
                    sample.label = label(channel, place);
                    if (sample.label < 0 || (!classes.isEmpty() && sample.label >= classes.size())) {
                        wrong.add(shard + ", " + path + ": not a label"
                                + (classes.isEmpty() ? "" : " in 0.." + (classes.size() - 1)));
                    }
                } else {
                    sample.image = place;
                    sample.member = path;
                }
            }
        } catch (DatasetException e) {
            throw e;
        } catch (IOException | IllegalArgumentException e) {
            throw new DatasetException(shard, "a tar file", String.valueOf(e.getMessage()), "Fetch it again.");
        }
        keyed.values().stream().filter(sample -> sample.image != null).forEach(samples::add);
    }

    private static int label(FileChannel channel, Place place) throws IOException {
        if (place.bytes > MOST_LABEL_BYTES) {
            return FileDataset.UNLABELLED;
        }
        try {
            return Integer.parseInt(new String(read(channel, place), StandardCharsets.US_ASCII).strip());
        } catch (NumberFormatException e) {
            return FileDataset.UNLABELLED;
        }
    }

    private static byte[] read(FileChannel channel, Place place) throws IOException {
        if (place.offset + place.bytes > channel.size()) { // before the array is made: the size may be a lie
            throw new DatasetException(
                    place.shard,
                    "a member of " + place.bytes + " bytes at byte " + place.offset,
                    "a file of " + channel.size() + " bytes",
                    "Fetch it again.");
        }
        ByteBuffer bytes = ByteBuffer.allocate(place.bytes);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, place.offset + bytes.position()) < 0) {
                throw new DatasetException(place.shard, "a whole tar file", "its end", "Fetch it again.");
            }
        }
        return bytes.array();
    }

    private static final class Shards implements Dataset {
        private final List<Sample> samples;
        private final List<String> classes;

        Shards(List<Sample> samples, List<String> classes) {
            this.samples = List.copyOf(samples);
            this.classes = classes;
        }

        @Override
        public int size() {
            return samples.size();
        }

        @Override
        public List<String> classes() {
            return classes;
        }

        @Override
        public int label(int index) {
            return samples.get(index).label;
        }

        @Override
        public String name(int index) {
            return samples.get(index).name;
        }

        @Override
        public long bytes(int index) {
            return Objects.requireNonNull(samples.get(index).image).bytes;
        }

        @Override
        public byte[] read(int index) throws IOException {
            Place place = Objects.requireNonNull(samples.get(index).image);
            try (FileChannel channel = FileChannel.open(place.shard, StandardOpenOption.READ)) {
                return TarShards.read(channel, place);
            }
        }
    }
}
