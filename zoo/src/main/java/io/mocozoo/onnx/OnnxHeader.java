package io.mocozoo.onnx;

import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What an ONNX file says before its weights are loaded: read to judge a file of unknown origin, never running it.
 *
 * @param inputs what it is fed, weights left out
 * @param outputs what it gives
 * @param opsets version by operator domain
 * @param domains the domains its nodes use, those in subgraphs and functions included
 * @param externalFiles files beside it that hold weights, as written in it
 * @param metadata its own history
 */
public record OnnxHeader(
        List<ValueInfo> inputs,
        List<ValueInfo> outputs,
        Map<String, Long> opsets,
        Set<String> domains,
        Set<String> externalFiles,
        Map<String, String> metadata) {

    public OnnxHeader {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        opsets = Collections.unmodifiableMap(opsets);
        domains = Collections.unmodifiableSet(domains);
        externalFiles = Collections.unmodifiableSet(externalFiles);
        metadata = Collections.unmodifiableMap(metadata);
    }

    /** The operators a runtime knows without libraries of the file's own: ONNX's and ONNX Runtime's. */
    private static final Set<String> KNOWN_DOMAINS =
            Set.of("", "ai.onnx", "ai.onnx.ml", "com.microsoft", "com.microsoft.nchwc", "com.ms.internal.nhwc");

    /** Reads the header of a file; damage is an {@link OnnxFormatException}. */
    public static OnnxHeader read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            if (channel.size() > Integer.MAX_VALUE) {
                throw new OnnxFormatException(
                        file, "expected at most 2 GiB (weights beside it), found " + channel.size() + " bytes");
            }
            MappedByteBuffer bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
            return HeaderReader.read(new Wire(file, bytes, 0));
        }
    }

    /**
     * Refuses what a stranger's file could reach for: operators of libraries we do not know, weights outside its
     * own folder.
     */
    public void checkSafe(Path file) throws IOException {
        Set<String> unknown = new TreeSet<>(domains);
        unknown.addAll(opsets.keySet());
        unknown.removeAll(KNOWN_DOMAINS);
        if (!unknown.isEmpty()) {
            throw new OnnxFormatException(
                    file, "expected operators of the domains " + new TreeSet<>(KNOWN_DOMAINS) + ", found " + unknown);
        }
        Path folder = file.toRealPath().getParent();
        for (String name : externalFiles) {
            Path target = besides(file, folder, name);
            if (!Files.isRegularFile(target)) {
                throw new OnnxFormatException(file, "its weights '" + name + "' are missing; put them beside it");
            }
            if (!target.toRealPath().startsWith(folder)) {
                throw new OnnxFormatException(file, "'" + name + "' is a link that leads out of its folder");
            }
        }
    }

    /** A file in the folder, by the name a stranger gave it. */
    private static Path besides(Path file, @Nullable Path folder, String name) throws OnnxFormatException {
        try {
            Path named = Path.of(name);
            if (folder != null && !named.isAbsolute()) {
                Path target = folder.resolve(named).normalize();
                if (target.startsWith(folder)) {
                    return target;
                }
            }
        } catch (InvalidPathException e) {
            // no name of a file at all: said below
        }
        String printable = name.chars()
                .limit(100)
                .mapToObj(c -> Character.isISOControl(c) ? "?" : String.valueOf((char) c))
                .collect(Collectors.joining());
        throw new OnnxFormatException(
                file, "expected weights in its own folder, found '" + printable + "'; move them beside the file");
    }
}
