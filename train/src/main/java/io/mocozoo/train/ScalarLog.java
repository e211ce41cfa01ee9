package io.mocozoo.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.store.AtomicFile;
import io.mocozoo.train.report.EventFile;
import io.mocozoo.train.report.Scalars;
import java.io.BufferedOutputStream;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * What a training measured, a JSON object a line, under the reference's names: lr, loss, grad_norm, time, data_time,
 * epoch (from 1), iter and step; and our own. TensorBoard's event file beside it says the same. Closed by whoever opened
 * it.
 */
final class ScalarLog implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final BufferedWriter writer;
    private final EventFile events;

    /** Goes on behind a step; lines of later ones are from a run that was cut off, and dropped. */
    ScalarLog(Path file, long lastStep) throws IOException {
        Path workDir = file.toAbsolutePath().getParent();
        if (workDir == null || !file.endsWith(Scalars.FILE)) {
            throw new IllegalArgumentException("the log is called " + Scalars.FILE + ", found " + file);
        }
        if (Files.exists(file)) {
            AtomicFile.write(file, channel -> {
                OutputStream kept = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
                Scalars.read(workDir, (text, line) -> {
                    if (line.path("step").longValue() <= lastStep) {
                        kept.write((text + "\n").getBytes(StandardCharsets.UTF_8));
                    }
                });
                kept.flush();
            });
        }
        events = EventFile.open(workDir);
        try {
            writer = Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            events.close();
            throw e;
        }
    }

    static ObjectNode line() {
        return JSON.createObjectNode();
    }

    /** Adds a line, and to it {@code wall_time}, the seconds since 1970. */
    void write(ObjectNode line) throws IOException {
        line.put("wall_time", System.currentTimeMillis() / 1e3);
        writer.write(line.toString());
        writer.write('\n');
        writer.flush();
        events.append(line);
    }

    @Override
    public void close() throws IOException {
        try (events) {
            writer.close();
        }
    }
}
