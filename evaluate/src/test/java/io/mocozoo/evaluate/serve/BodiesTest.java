package io.mocozoo.evaluate.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BodiesTest {
    private static ByteArrayInputStream of(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return new ByteArrayInputStream(bytes);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, Bodies.PIECE_BYTES - 1, Bodies.PIECE_BYTES, Bodies.PIECE_BYTES + 1, 100_000})
    void aBodyIsReadAsItIs(int size) throws Exception {
        try (Bodies.Body body = new Bodies(1 << 20).read(of(size), 100_000)) {
            assertThat(body.size()).isEqualTo(size);
            assertThat(body.bytes()).isEqualTo(of(size).readAllBytes());
        }
    }

    @Test
    void oneByteMoreIsReadOfABodyThatIsTooLarge() throws Exception {
        try (Bodies.Body body = new Bodies(1 << 20).read(of(100_000), 5000)) {
            assertThat(body.size()).isEqualTo(5001);
        }
    }

    @Test
    void bodiesThatHoldTooMuchTogetherAreRefusedUntilOneIsClosed() throws Exception {
        Bodies bodies = new Bodies(3 * Bodies.PIECE_BYTES);
        ByteArrayInputStream refused = of(2 * Bodies.PIECE_BYTES - 1);
        try (Bodies.Body first = bodies.read(of(2 * Bodies.PIECE_BYTES - 1), 1 << 20)) {
            assertThat(first.size()).isEqualTo(2 * Bodies.PIECE_BYTES - 1);
            assertThatThrownBy(() -> bodies.read(refused, 1 << 20)).isInstanceOf(FullException.class);
            assertThat(refused.available()).isZero();
        }
        for (int i = 0; i < 3; i++) {
            try (Bodies.Body again = bodies.read(of(3 * Bodies.PIECE_BYTES - 1), 1 << 20)) {
                assertThat(again.size()).isEqualTo(3 * Bodies.PIECE_BYTES - 1);
            }
        }
    }
}
