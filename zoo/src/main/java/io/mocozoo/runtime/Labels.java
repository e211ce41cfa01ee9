package io.mocozoo.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * The names of classes by their index; where there is none, the index itself. Names need not be unique: ImageNet has
 * two cranes.
 *
 * @param names in index order; empty if nothing is known
 */
public record Labels(List<String> names) {
    /** No names: every class goes by its index. */
    public static final Labels NONE = new Labels(List.of());

    private static final int MAX_BYTES = 16 << 20;

    /** What some editors of Windows put before the first name. */
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    public Labels {
        names = List.copyOf(names);
    }

    /** The name of a class, or its index as text. */
    public String name(int index) {
        return index < names.size() ? names.get(index) : String.valueOf(index);
    }

    /** ImageNet-1k's 1000 classes: the synonyms of each WordNet synset, in the order of their ids. */
    public static Labels imagenet1k() {
        return Imagenet.LABELS;
    }

    /** Reads names, one a line in UTF-8; empty lines at the end are no names. */
    public static Labels read(InputStream in, String source) throws IOException {
        byte[] bytes = in.readNBytes(MAX_BYTES + 1);
        if (bytes.length > MAX_BYTES) {
            throw new IOException(source + ": expected one class name a line, found more than " + MAX_BYTES + " bytes");
        }
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IOException(source + ": expected names in UTF-8, found other bytes; save the file as UTF-8", e);
        }
        return new Labels((text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text)
                .stripTrailing()
                .lines()
                .map(String::strip)
                .toList());
    }

    /** Reads the names in a file, as {@link #read(InputStream, String)} does. */
    public static Labels read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return read(in, file.toString());
        }
    }

    private static final class Imagenet {
        static final Labels LABELS = load();

        private static Labels load() {
            try (InputStream in = Objects.requireNonNull(Labels.class.getResourceAsStream("imagenet-1k.txt"))) {
                return read(in, "imagenet-1k.txt");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
