package io.mocozoo.train.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventFileTest {
    @TempDir
    Path folder;

    private record Event(double wallTime, long step, String version, Map<String, Float> scalars) {}

    private static ObjectNode line(String json) throws IOException {
        return (ObjectNode) new ObjectMapper().readTree(json);
    }

    private void log(String... lines) throws IOException {
        Files.writeString(folder.resolve("scalars.jsonl"), String.join("\n", lines) + "\n");
    }

    @Test
    void everyNumberOfALineIsAScalarOfItsStep() throws IOException {
        log(
                "{\"step\": 1, \"iter\": 1, \"loss\": 6.5, \"lr\": 1e-5, \"wall_time\": 1700000000.25, \"time\": 2}",
                "{\"step\": 4294967297, \"loss\": -0.25, \"epoch\": 3, \"note\": \"no number\", \"wall_time\": 1700000001}");
        List<Event> events = read(EventFile.write(folder));
        assertThat(events)
                .containsExactly(
                        new Event(0, 0, "brain.Event:2", Map.of()),
                        new Event(1700000000.25, 1, "", Map.of("loss", 6.5f, "lr", 1e-5f, "time", 2f)),
                        new Event(1700000001, 4294967297L, "", Map.of("loss", -0.25f, "epoch", 3f)));
    }

    @Test
    void linesThatTellNoHourAreAsFarApartAsTheirStepsTook() throws IOException {
        log("{\"step\": 1, \"loss\": 1, \"time\": 0.5}", "{\"step\": 2, \"loss\": 1, \"time\": 0.75}");
        assertThat(read(EventFile.write(folder)).stream().map(Event::wallTime)).containsExactly(0.0, 0.5, 1.25);
    }

    @Test
    void openedAgainItHoldsTheLogAndNothingOfARunThatWasCutOff() throws IOException {
        log("{\"step\": 1, \"loss\": 3}");
        try (EventFile events = EventFile.open(folder)) {
            events.append(line("{\"step\": 2, \"loss\": 2}"));
            events.append(line("{\"step\": 3, \"loss\": 1}"));
        }
        Path file = folder.resolve(EventFile.FILE);
        Files.write(file, new byte[] {24, 0, 0}, StandardOpenOption.APPEND); // torn by a kill
        log("{\"step\": 1, \"loss\": 3}", "{\"step\": 2, \"loss\": 2}", "{\"step\": 3, \"lo");
        try (EventFile events = EventFile.open(folder)) {
            events.append(line("{\"step\": 3, \"loss\": 7}"));
        }
        assertThat(read(file).stream().skip(1).map(Event::step)).containsExactly(1L, 2L, 3L);
        assertThat(read(file).get(3).scalars()).containsExactly(Map.entry("loss", 7f));
    }

    /** An independent reader: frames with a CRC computed bit by bit, then the protocol buffers within. */
    private static List<Event> read(Path file) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        List<Event> events = new ArrayList<>();
        while (in.hasRemaining()) {
            byte[] length = new byte[8];
            in.get(length);
            assertThat(in.getInt()).isEqualTo(masked(length));
            byte[] data = new byte
                    [(int) ByteBuffer.wrap(length)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .getLong()];
            in.get(data);
            assertThat(in.getInt()).isEqualTo(masked(data));
            events.add(event(ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN)));
        }
        return events;
    }

    private static int masked(byte[] bytes) {
        int crc = -1;
        for (byte b : bytes) {
            crc ^= b & 0xFF;
            for (int i = 0; i < 8; i++) {
                crc = (crc >>> 1) ^ ((crc & 1) * 0x82F63B78);
            }
        }
        crc = ~crc;
        return ((crc >>> 15) | (crc << 17)) + 0xA282EAD8;
    }

    private static Event event(ByteBuffer in) {
        double wallTime = 0;
        long step = 0;
        String version = "";
        Map<String, Float> scalars = new LinkedHashMap<>();
        while (in.hasRemaining()) {
            switch (in.get()) {
                case 1 << 3 | 1 -> wallTime = in.getDouble();
                case 2 << 3 -> step = varint(in);
                case 3 << 3 | 2 ->
                    version = StandardCharsets.UTF_8.decode(block(in)).toString();
                case 5 << 3 | 2 -> {
                    ByteBuffer summary = block(in);
                    while (summary.hasRemaining()) {
                        assertThat(summary.get()).isEqualTo((byte) (1 << 3 | 2));
                        ByteBuffer value = block(summary);
                        assertThat(value.get()).isEqualTo((byte) (1 << 3 | 2));
                        String tag = StandardCharsets.UTF_8.decode(block(value)).toString();
                        assertThat(value.get()).isEqualTo((byte) (2 << 3 | 5));
                        scalars.put(tag, value.getFloat());
                        assertThat(value.hasRemaining()).isFalse();
                    }
                }
                default -> throw new IllegalStateException("an unknown field before byte " + in.position());
            }
        }
        return new Event(wallTime, step, version, scalars);
    }

    private static ByteBuffer block(ByteBuffer in) {
        int length = (int) varint(in);
        ByteBuffer block = in.slice(in.position(), length).order(ByteOrder.LITTLE_ENDIAN);
        in.position(in.position() + length);
        return block;
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte b = in.get();
            value |= (long) (b & 0x7F) << shift;
            if (b >= 0) {
                return value;
            }
        }
    }
}
