package io.mocozoo.train.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.onnx.Message;
import io.mocozoo.store.AtomicFile;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * TensorBoard's event file of a training: every number of a line of {@code scalars.jsonl} under the line's step. The log
 * is what counts: opening writes the file anew from it, so that neither a run that was cut off nor a record torn by a kill
 * leaves anything behind. Closed by whoever opened it; for one thread.
 *
 * <pre>
 * length 8 | masked CRC-32C of the length 4 | event | masked CRC-32C of the event 4      all little-endian
 * event: wall_time 1 double, step 2 int64, file_version 3 string, summary 5 {value 1 {tag 1 string, simple_value 2 float}}
 * </pre>
 *
 * @see <a href="https://www.tensorflow.org/tutorials/load_data/tfrecord">TFRecords format details</a>
 * @see <a href="https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/util/event.proto">event.proto</a>
 */
public final class EventFile implements AutoCloseable {
    /** Its name in a work folder; TensorBoard looks for {@code tfevents}. */
    public static final String FILE = "events.out.tfevents.mocozoo";

    private static final String VERSION = "brain.Event:2";
    private static final int MASK = 0xA282EAD8;

    /** Fields that say when, not what. */
    private static final Set<String> NOT_MEASURED = Set.of("step", "iter", "wall_time");

    private final OutputStream out;
    private final Clock clock;

    private EventFile(OutputStream out, Clock clock) {
        this.out = out;
        this.clock = clock;
    }

    /**
     * Writes the file of a training's folder from its log; without a log, one that holds nothing.
     *
     * @return the file
     */
    public static Path write(Path workDir) throws IOException {
        return write(workDir, new Clock());
    }

    /** As {@link #write}, and goes on behind the log's last line. */
    public static EventFile open(Path workDir) throws IOException {
        Clock clock = new Clock();
        Path file = write(workDir, clock);
        return new EventFile(Files.newOutputStream(file, StandardOpenOption.APPEND), clock);
    }

    private static Path write(Path workDir, Clock clock) throws IOException {
        Path file = workDir.resolve(FILE);
        AtomicFile.write(file, channel -> {
            OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
            out.write(record(new Message().real(1, 0.0).text(3, VERSION)));
            if (Files.exists(workDir.resolve(Scalars.FILE))) {
                Scalars.read(workDir, (text, line) -> out.write(record(event(line, clock.at(line)))));
            }
            out.flush();
        });
        return file;
    }

    /** Adds a line of the log; TensorBoard sees it at its next look. */
    public void append(ObjectNode line) throws IOException {
        out.write(record(event(line, clock.at(line))));
    }

    private static Message event(ObjectNode line, double wallTime) {
        Message summary = new Message();
        for (Map.Entry<String, JsonNode> field : line.properties()) {
            if (field.getValue().isNumber() && !NOT_MEASURED.contains(field.getKey())) {
                summary.message(
                        1,
                        new Message()
                                .text(1, field.getKey())
                                .real(2, field.getValue().floatValue()));
            }
        }
        return new Message()
                .real(1, wallTime)
                .number(2, line.path("step").longValue())
                .message(5, summary);
    }

    private static byte[] record(Message event) {
        byte[] data = event.toBytes();
        ByteBuffer record = ByteBuffer.allocate(16 + data.length).order(ByteOrder.LITTLE_ENDIAN);
        record.putLong(data.length);
        record.putInt(masked(record.array(), 0, 8));
        record.put(data);
        record.putInt(masked(data, 0, data.length));
        return record.array();
    }

    private static int masked(byte[] bytes, int from, int count) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, count);
        return Integer.rotateRight((int) crc.getValue(), 15) + MASK;
    }

    @Override
    public void close() throws IOException {
        out.close();
    }

    /** When a line was written: what it says itself, else the seconds its training had computed so far. */
    private static final class Clock {
        private double seconds;

        double at(ObjectNode line) {
            seconds += line.path("time").asDouble(0);
            return line.path("wall_time").asDouble(seconds);
        }
    }
}
