package io.mocozoo.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Two files of three images, written by torch 2.15 and Python 3.11's pickle, and what strangers might write. */
class ResultPickleTest {
    @TempDir
    Path folder = Path.of("");

    private static byte[] written(int protocol) {
        try (InputStream in = ResultPickleTest.class.getResourceAsStream("res_3_4_p" + protocol + ".pkl")) {
            return Objects.requireNonNull(in).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ResultPickle open(byte[] bytes) throws IOException {
        return ResultPickle.open(TestFiles.file(folder, "results.pkl", bytes));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    void readsWhatPythonWrites(int protocol) throws IOException {
        try (ResultPickle results = open(written(protocol))) {
            assertThat(results.samples()).hasSize(3);
            ResultPickle.Sample last = results.samples().get(2);
            assertThat(last.path()).isEqualTo("data/imagenet/val/img_002.JPEG");
            assertThat(last.label()).hasValue(2);
            assertThat(last.scores().toFloats()).containsExactly(0.09780614f, 0.18397789f, 0.12498978f, 0.59322613f);
            assertThat(results.samples().get(0).scores().toFloats()[0]).isEqualTo(0.8553866f);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    void givenFileCutAnywhere_whenOpened_thenIsRefused(int protocol) {
        byte[] good = written(protocol);
        for (int length = 0; length < good.length; length++) {
            byte[] cut = Arrays.copyOf(good, length);
            assertThatThrownBy(() -> open(cut)).as("cut to %d", length).isInstanceOf(CheckpointFormatException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void changedBytesGiveResultsOrARefusal(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 1000; round++) {
            byte[] changed = written(random.nextBoolean() ? 2 : 4);
            for (int i = random.nextInt(1, 4); i > 0; i--) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
            }
            try (ResultPickle results = open(changed)) {
                for (ResultPickle.Sample sample : results.samples()) {
                    assertThat(sample.scores().toFloats()).isNotEmpty();
                }
            } catch (CheckpointFormatException e) {
                assertThat(e).hasMessageContaining("results.pkl");
            }
        }
    }

    /** A storage as torch.save writes it by itself, in the bytes of a pickle, with something else pushed before. */
    private static Pickled loaded(Pickled pickle, byte[] storage) {
        pickle.global("torch.storage", "_load_from_bytes").op('B').int4(storage.length);
        for (byte b : storage) {
            pickle.op(b);
        }
        return pickle.op(0x85, 'R');
    }

    private static byte[] storage(Pickled before) {
        Pickled object = before.op('(')
                .text("storage")
                .global("torch", "FloatStorage")
                .text("0")
                .text("cpu");
        return TestFiles.legacy(object.integer(6).op('N', 't', 'Q').stop(), "0", TestFiles.SIX);
    }

    private static byte[] scores(byte[] storage, long offset, long size, long stride) {
        Pickled pickle = new Pickled().op(0x80, 2, ']', '}').text("pred_score");
        loaded(pickle.global("torch._utils", "_rebuild_tensor_v2").op('('), storage)
                .integer(offset)
                .tuple(size)
                .tuple(stride);
        return pickle.op(0x89).orderedDict().op('t', 'R', 's', 'a').stop();
    }

    private static byte[] plain() {
        return storage(new Pickled().op(0x80, 2));
    }

    @Test
    void readsAViewWithoutPathAndLabel() throws IOException {
        try (ResultPickle results = open(scores(plain(), 2, 3, 1))) {
            assertThat(results.samples()).hasSize(1);
            assertThat(results.samples().get(0).path()).isEmpty();
            assertThat(results.samples().get(0).label()).isEmpty();
            assertThat(results.samples().get(0).scores().toFloats())
                    .containsExactly(Arrays.copyOfRange(TestFiles.SIX, 2, 5));
        }
    }

    static Stream<Arguments> hostile() {
        byte[] reached = storage(
                new Pickled().op(0x80, 2).global("os", "system").text("id").op(0x85, 'R', '0'));
        Pickled encoded = new Pickled().op(0x80, 2, ']').text("x".repeat(1000)).op('q', 0, '0');
        for (int i = 0; i < 20; i++) {
            encoded.global("_codecs", "encode").op('h', 0).text("latin1").op(0x86, 'R', 'a');
        }
        return Stream.of(
                Arguments.of(
                        "global 'os.system' is not allowed",
                        new Pickled()
                                .global("os", "system")
                                .text("id")
                                .op(0x85, 'R')
                                .stop()),
                Arguments.of(
                        "global 'builtins.eval' is not allowed",
                        new Pickled()
                                .op(0x80, 4, 0x8c, 8)
                                .ascii("builtins")
                                .op(0x8c, 4)
                                .ascii("eval")
                                .op(0x93)
                                .stop()),
                Arguments.of(
                        "global 'numpy.core.multiarray._reconstruct' is not allowed",
                        new Pickled()
                                .global("numpy.core.multiarray", "_reconstruct")
                                .stop()),
                Arguments.of("the global 'os.system' is not known here", scores(reached, 0, 6, 1)),
                Arguments.of("reaches element 7", scores(plain(), 2, 6, 1)),
                Arguments.of(
                        "expected a tensor of floats", scores(plain(), 0, 1000, 0)), // six elements, a thousand times
                Arguments.of("found a dict of 0", new Pickled().op('}').stop()),
                Arguments.of(
                        "image 0: expected a dict, found None",
                        new Pickled().op(']', 'N', 'a').stop()),
                Arguments.of(
                        "expected 'pred_score', found the keys [score]",
                        new Pickled()
                                .op(']', '}')
                                .text("score")
                                .op('K', 1, 's', 'a')
                                .stop()),
                Arguments.of("a persistent id", new Pickled().op('N', 'Q').stop()),
                Arguments.of("texts make more bytes", encoded.stop()),
                Arguments.of(
                        "a storage is loaded from bytes",
                        new Pickled()
                                .global("torch.storage", "_load_from_bytes")
                                .text("a")
                                .op(0x85, 'R')
                                .stop()),
                Arguments.of("the pickle wants", scores(Arrays.copyOf(plain(), 20), 0, 6, 1)));
    }

    @ParameterizedTest
    @MethodSource("hostile")
    void whatIsNoResultIsRefusedByName(String part, byte[] bytes) {
        assertThatThrownBy(() -> open(bytes))
                .isInstanceOf(CheckpointFormatException.class)
                .hasMessageContaining(part);
    }

    @Test
    void severalLabelsAreRefused() {
        byte[] bytes = new Pickled()
                .op(0x80, 2, ']', '}')
                .text("gt_label")
                .op(']', 'K', 1, 'a', 'K', 2, 'a', 's', 'a')
                .stop();
        assertThatThrownBy(() -> open(bytes)).hasMessageContaining("expected 'pred_score'");
        byte[] scored = scores(plain(), 0, 6, 1);
        Pickled labelled = new Pickled();
        for (int i = 0; i < scored.length - 2; i++) { // before it is appended to the list
            labelled.op(scored[i]);
        }
        byte[] several = labelled.text("gt_label")
                .op(']', 'K', 1, 'a', 'K', 2, 'a', 's', 'a')
                .stop();
        assertThatThrownBy(() -> open(several))
                .hasMessageContaining("expected one class as 'gt_label', found a list of 2");
    }
}
