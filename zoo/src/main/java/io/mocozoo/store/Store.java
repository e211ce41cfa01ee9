package io.mocozoo.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cache: {@link #fetch} brings files here, {@link #make} keeps what was made of them, {@link #verify} hashes
 * everything again, {@link #prune} makes room. Whatever moment a process is killed at, what lies here under its name
 * is whole, and the next process goes on. Any number of threads and processes may share a folder: each thing is
 * downloaded or made by one of them, while the others wait for it.
 *
 * <p>Every file is hashed as it comes, and held to what its card and its own name say: a name that ends in
 * {@code -<8 hex digits>} before its suffix is the beginning of its SHA-256.
 */
public final class Store {
    private static final Logger LOG = LoggerFactory.getLogger(Store.class);

    private final Path folder;
    private final boolean offline;
    private final Transport transport;
    private final List<Mirror> mirrors;
    private final Locks locks;
    private final WeightsFolder weights;
    private final ConvertedFolder converted;
    private final RememberedDigests digests;

    /**
     * A cache in a folder, which is made when something is put there.
     *
     * @param folder of its own
     * @param offline nothing is downloaded
     * @param mirrors applied to each address, one after the other, before it is asked
     * @param progress told of downloads, and of files that take long to hash
     */
    public Store(Path folder, boolean offline, List<Mirror> mirrors, Progress progress) {
        this(folder, offline, mirrors, progress, Patience.DEFAULT, Proxies.ofProcess(), Space.OF_DISK);
    }

    Store(
            Path folder,
            boolean offline,
            List<Mirror> mirrors,
            Progress progress,
            Patience patience,
            Proxies proxies,
            Space space) {
        this.folder = folder.toAbsolutePath().normalize();
        this.mirrors = List.copyOf(mirrors);
        this.locks = new Locks(this.folder.resolve("locks"));
        this.offline = offline;
        this.transport = new Transport(patience, proxies);
        Downloader downloader = new Downloader(transport, patience, space, progress);
        this.weights = new WeightsFolder(this.folder.resolve("weights"), offline, locks, downloader, space, progress);
        this.converted = new ConvertedFolder(this.folder.resolve("onnx"), locks, progress);
        this.digests = new RememberedDigests(this.folder.resolve("digests"), progress);
    }

    /** Where it lies, absolute. */
    public Path folder() {
        return folder;
    }

    /**
     * The file of an address: http and https are downloaded unless they were before, what is in a jar on this machine
     * is taken out of it, and {@code file:} is used where it lies.
     *
     * @param owner whose it is, such as a model's name; the folder it goes to
     * @param uri its address, before mirrors
     * @param sha256Prefix first hex digits its SHA-256 must have
     * @return a file that was right when it was last written
     * @throws IOException if it cannot be had, or is another file than expected; says what was found, and what to do
     */
    public StoredFile fetch(String owner, URI uri, Optional<String> sha256Prefix) throws IOException {
        URI asked = mirrored(uri);
        String scheme = String.valueOf(asked.getScheme()).toLowerCase(Locale.ROOT);
        return switch (scheme) {
            case "file" -> local(path(asked), sha256Prefix);
            case "http", "https" -> weights.fetch(owner, uri, asked, sha256Prefix);
            case "jar" -> {
                if (!asked.toString().startsWith("jar:file:")) {
                    throw new IOException(asked + ": expected a jar on this machine (jar:file:...)");
                }
                yield weights.fetch(owner, uri, asked, sha256Prefix);
            }
            default ->
                throw new IOException(asked + ": expected an address that begins with https:, http:, file: or jar:"
                        + (asked.equals(uri) ? "" : "; a mirror made it of " + uri));
        };
    }

    /**
     * The bytes at an address, under the cache's mirrors and proxies; nothing is kept, and nothing is tried twice.
     *
     * @param uri http, https, or file
     * @param most bytes it may have
     * @throws IOException if it cannot be had, is larger, or the cache is offline and the address is not of this machine
     */
    public byte[] read(URI uri, long most) throws IOException {
        URI asked = mirrored(uri);
        String scheme = String.valueOf(asked.getScheme()).toLowerCase(Locale.ROOT);
        try (InputStream in =
                switch (scheme) {
                    case "file" -> Files.newInputStream(path(asked));
                    case "http", "https" -> {
                        if (offline) {
                            throw new IOException(asked + " is not on this machine, and nothing is downloaded offline");
                        }
                        yield transport.open(asked);
                    }
                    default ->
                        throw new IOException(asked + ": expected an address that begins with https:, http: or file:");
                }) {
            byte[] bytes = in.readNBytes((int) Math.min(most + 1, Integer.MAX_VALUE - 8));
            if (bytes.length > most) {
                throw new IOException(asked + ": expected at most " + most + " bytes, found more");
            }
            return bytes;
        }
    }

    private URI mirrored(URI uri) {
        URI asked = uri;
        for (Mirror mirror : mirrors) {
            asked = mirror.apply(asked);
        }
        return asked;
    }

    private static Path path(URI file) throws IOException {
        try {
            return Path.of(file);
        } catch (IllegalArgumentException | FileSystemNotFoundException e) {
            throw new IOException(file + " is no file of this machine: " + e.getMessage(), e);
        }
    }

    /**
     * A file that lies elsewhere, and stays there. It is hashed once; its digest is remembered as long as its path,
     * size and time of change are the same.
     *
     * @throws IOException if it cannot be read, or its name ends in other hex digits than its SHA-256 begins with
     */
    public StoredFile local(Path file) throws IOException {
        return local(file, Optional.empty());
    }

    private StoredFile local(Path file, Optional<String> sha256Prefix) throws IOException {
        Fingerprint found = digests.of(file);
        Optional<String> problem = ExpectedDigest.of(sha256Prefix, String.valueOf(file.getFileName()))
                .problem(found.sha256());
        if (problem.isPresent()) {
            throw new IOException(file + ": " + problem.get() + "; it is damaged or another file. Download it again,"
                    + " or rename it if the end of its name is no digest");
        }
        return found.stored(file);
    }

    /**
     * A folder of files that are made once and kept.
     *
     * @param key everything the files depend on; the folder's name, or nearly so where it is no good name
     * @param maker called if they are not there, or not whole
     * @return the folder, complete; read it, and leave it as it is
     * @throws IOException what the maker throws, and if the cache cannot be written
     * @throws IllegalStateException if the maker leaves nothing, or asks for its own key
     */
    public Path make(String key, Maker maker) throws IOException {
        return converted.make(key, maker);
    }

    /** Makes files. */
    @FunctionalInterface
    public interface Maker {
        /** Writes files into an empty folder, which gets its name afterwards. */
        void make(Path folder) throws IOException;
    }

    /**
     * What a full check found.
     *
     * @param path a file, or a folder of converted files
     * @param problem what is wrong with it
     */
    public record Checked(Path path, Optional<String> problem) {}

    /**
     * Something the cache holds.
     *
     * @param path a file, or a folder of converted files
     * @param kind {@code weights} or {@code converted}
     * @param bytes on the disk
     * @param lastUsed to the hour
     */
    public record Entry(Path path, String kind, long bytes, Instant lastUsed) {}

    /** Hashes everything again. What others are at just now is waited for. */
    public List<Checked> verify() throws IOException {
        List<Checked> checked = new ArrayList<>();
        for (Item item : items()) {
            if (Files.isWritable(folder)) {
                locks.holding(
                        item.lockName(),
                        "working on " + item.path(),
                        () -> !Files.exists(item.path()) || checked.add(new Checked(item.path(), problem(item))));
            } else {
                checked.add(new Checked(item.path(), problem(item)));
            }
        }
        return checked;
    }

    /** A file that cannot be read is worth a word, and no reason to leave the others unchecked. */
    private static Optional<String> problem(Item item) throws IOException {
        try {
            return item.problem();
        } catch (NoSuchFileException | InterruptedIOException | ClosedByInterruptException e) {
            throw e;
        } catch (IOException e) {
            return Optional.of("expected a file that can be read, found " + e);
        }
    }

    /** Everything it holds, downloads that broke off included; {@code registry.json} is not its own. */
    public List<Entry> list() throws IOException {
        List<Entry> entries = new ArrayList<>();
        for (Item item : items()) {
            try {
                entries.add(entry(item));
            } catch (NoSuchFileException e) {
                // Pruned or finished just now.
            }
        }
        return entries;
    }

    /**
     * Removes what was not used for so long, and what killed processes left. What somebody is at just now stays.
     *
     * @param unusedFor zero for everything
     * @return what was removed
     */
    public List<Entry> prune(Duration unusedFor) throws IOException {
        Instant since = Instant.now().minus(unusedFor);
        List<Entry> removed =
                remove(item -> unusedFor.isZero() || !item.lastUsed().isAfter(since));
        converted.removeAbandoned();
        weights.tidy();
        digests.prune();
        return removed;
    }

    /**
     * Removes what fails a full check. What somebody is at just now stays.
     *
     * @return what was removed
     */
    public List<Entry> pruneBroken() throws IOException {
        return remove(item -> {
            try {
                return item.problem().isPresent();
            } catch (NoSuchFileException | InterruptedIOException | ClosedByInterruptException e) {
                throw e;
            } catch (IOException e) {
                LOG.warn("{} stays, since it cannot be read: {}", item.path(), e.toString());
                return false;
            }
        });
    }

    private List<Entry> remove(Condition condition) throws IOException {
        List<Entry> removed = new ArrayList<>();
        for (Item item : items()) {
            locks.ifFree(item.lockName(), () -> {
                boolean going = Files.exists(item.path()) && condition.holds(item);
                if (going) {
                    Entry entry = entry(item);
                    item.delete();
                    removed.add(entry);
                }
                return going;
            });
        }
        return removed;
    }

    private interface Condition {
        boolean holds(Item item) throws IOException;
    }

    private static Entry entry(Item item) throws IOException {
        return new Entry(item.path(), item.kind(), item.bytes(), item.lastUsed());
    }

    private List<Item> items() throws IOException {
        List<Item> items = new ArrayList<>(weights.items());
        items.addAll(converted.items());
        return items;
    }
}
