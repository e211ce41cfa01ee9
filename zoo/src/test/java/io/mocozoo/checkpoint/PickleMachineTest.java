package io.mocozoo.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mocozoo.checkpoint.PickleValues.Inert;
import io.mocozoo.checkpoint.PickleValues.None;
import io.mocozoo.checkpoint.PickleValues.Opaque;
import io.mocozoo.checkpoint.PickleValues.PyDict;
import io.mocozoo.checkpoint.PickleValues.PyList;
import io.mocozoo.checkpoint.PickleValues.PyTuple;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PickleMachineTest {
    private final TorchObjects objects = new TorchObjects(
            (key, dtype, elements, where) -> new Storage(key, dtype, elements, ByteOrder.LITTLE_ENDIAN, null),
            ReadLimits.DEFAULT);

    private Object run(byte[] pickle, ReadLimits limits) throws CheckpointFormatException {
        return new PickleMachine(ByteBuffer.wrap(pickle), objects, new Where(Path.of("a.pth")), limits, 0).run();
    }

    private Object run(Pickled pickle) throws CheckpointFormatException {
        return run(pickle.stop(), ReadLimits.DEFAULT);
    }

    @Test
    void readsNumbersOfEveryWidth() throws Exception {
        assertThat(run(new Pickled().op('K', 255))).isEqualTo(255L);
        assertThat(run(new Pickled().op('M', 0xe9, 3))).isEqualTo(1001L);
        assertThat(run(new Pickled().op('J').int4(-7))).isEqualTo(-7L);
        assertThat(run(new Pickled().op(0x8a, 0))).isEqualTo(0L);
        assertThat(run(new Pickled().op(0x8a, 1, 0xff))).isEqualTo(-1L);
        assertThat(run(new Pickled().op(0x8b).int4(9).op(0, 0, 0, 0, 0, 0, 0, 0, 1)))
                .isEqualTo(BigInteger.ONE.shiftLeft(64));
        assertThat(run(new Pickled().op('G', 0x3f, 0xf8, 0, 0, 0, 0, 0, 0))).isEqualTo(1.5);
        assertThat(run(new Pickled().ascii("I42\n"))).isEqualTo(42L);
        assertThat(run(new Pickled().ascii("I01\n"))).isEqualTo(true);
        assertThat(run(new Pickled().ascii("L-5L\n"))).isEqualTo(-5L);
        assertThat(run(new Pickled().ascii("F2.5\n"))).isEqualTo(2.5);
    }

    @Test
    void readsStringsOfEveryProtocol() throws Exception {
        assertThat(run(new Pickled().text("ä中😀"))).isEqualTo("ä中😀");
        assertThat(run(new Pickled().op(0x8c, 2).ascii("ab"))).isEqualTo("ab");
        assertThat(run(new Pickled().op(0x8d, 2, 0, 0, 0, 0, 0, 0, 0).ascii("ab")))
                .isEqualTo("ab");
        assertThat(run(new Pickled().op('U', 2).ascii("ab"))).isEqualTo("ab");
        assertThat(run(new Pickled().op('T').int4(2).ascii("ab"))).isEqualTo("ab");
        assertThat(run(new Pickled().ascii("S'ab'\n"))).isEqualTo("ab");
        assertThat(run(new Pickled().ascii("Vab\n"))).isEqualTo("ab");
        assertThat(run(new Pickled().op('C', 2, 1, 2))).isEqualTo(new Opaque(2));
        assertThat(run(new Pickled().op('B').int4(1).op(1))).isEqualTo(new Opaque(1));
        assertThat(run(new Pickled().op(0x96, 1, 0, 0, 0, 0, 0, 0, 0, 1))).isEqualTo(new Opaque(1));
    }

    @Test
    void buildsContainers() throws Exception {
        assertThat(((PyTuple) run(new Pickled().op('K', 1, 'K', 2, 'K', 3, 0x87))).items())
                .containsExactly(1L, 2L, 3L);
        assertThat(((PyTuple) run(new Pickled().op('(', 'K', 1, 'N', 't'))).items())
                .containsExactly(1L, None.NONE);
        assertThat(((PyList) run(new Pickled().op(']', 'K', 1, 'a', '(', 'K', 2, 'K', 3, 'e'))).items())
                .containsExactly(1L, 2L, 3L);
        assertThat(((PyList) run(new Pickled().op('(', 'K', 1, 'l'))).items()).containsExactly(1L);
        assertThat(((PyList) run(new Pickled().op(0x8f, '(', 'K', 1, 0x90))).items())
                .containsExactly(1L);
        assertThat(((PyTuple) run(new Pickled().op('(', 'K', 1, 0x91))).items()).containsExactly(1L);
        PyDict dict = (PyDict)
                run(new Pickled().op('(').text("a").op('K', 1, 'd').text("a").op('K', 2, 's'));
        assertThat(dict.named()).containsExactly(Map.entry("a", 2L));
    }

    @Test
    void remembersInTheMemoOfEveryProtocol() throws Exception {
        assertThat(((PyTuple) run(new Pickled().op('K', 7, 0x94, 'h', 0, 0x86))).items())
                .containsExactly(7L, 7L);
        assertThat(((PyTuple) run(new Pickled().op('K', 7, 'q', 9, 'j').int4(9).op(0x86))).items())
                .containsExactly(7L, 7L);
        assertThat(((PyTuple) run(new Pickled().op('K', 7).ascii("p3\ng3\n").op(0x86))).items())
                .containsExactly(7L, 7L);
        assertThat(((PyTuple) run(new Pickled().op('K', 7, '2', 0x86))).items()).containsExactly(7L, 7L);
        assertThat(run(new Pickled().op('K', 7, 'K', 8, '0'))).isEqualTo(7L);
        assertThat(run(new Pickled().op('K', 7, '(', 'K', 8, '1'))).isEqualTo(7L);
    }

    @Test
    void givenUnknownGlobal_whenCalled_thenMakesAnInertObjectAndAWarning() throws Exception {
        Object value =
                run(new Pickled().global("posix", "system").text("touch x").op(0x85, 'R'));
        assertThat(value).isInstanceOf(Inert.class);
        assertThat(objects.warnings()).singleElement().asString().contains("'posix.system'", "nothing was called");
    }

    @Test
    void inertObjectsSwallowWhateverIsDoneToThem() throws Exception {
        Pickled pickle = new Pickled()
                .op(0x8c, 1)
                .ascii("m")
                .op(0x8c, 1)
                .ascii("C")
                .op(0x93, ')', 0x81) // NEWOBJ
                .op('}', 'b') // BUILD
                .op('K', 1, 'K', 2, 's', '(', 'K', 1, 'e', ')', 'R');
        assertThat(run(pickle)).isInstanceOf(Inert.class);
        assertThat(run(new Pickled().ascii("(im\nC\n"))).isInstanceOf(Inert.class);
        assertThat(run(new Pickled().op('(').global("m", "C").op('o'))).isInstanceOf(Inert.class);
        assertThat(run(new Pickled().global("m", "C").op(')', '}', 0x92))).isInstanceOf(Inert.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "t",
                "0",
                "1",
                "R",
                "a",
                "s",
                "u",
                "e",
                "2",
                "b",
                "q\0",
                "h\5",
                "j\1\0\0\0",
                "g7\n",
                "g-1\n",
                "gx\n",
                "(.",
                "K\1K\2R",
                "NNa",
                "(N}u",
                "K\1(N\1a",
                "\u0080\7N",
                "\u0082\1",
                "\u0097",
                "Ix\n",
                "Fx\n",
                "X\u00ff\u00ff\u00ff\u00ff",
                "\u008d\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff",
                "cx",
                "Nr\u00ff\u00ff\u00ff\u00ff",
                "\u008b\u00ff\u00ff\u00ff\u007f",
                "NQ",
                "NN\u0093",
                "("
            })
    void malformedPicklesAreRefusedByPlace(String bytes) {
        assertThatThrownBy(() -> run(new Pickled().ascii(bytes)))
                .isInstanceOf(CheckpointFormatException.class)
                .hasMessageStartingWith("a.pth, byte ");
    }

    @Test
    void givenLongString_whenRead_thenStaysUndecoded() throws Exception {
        ReadLimits limits = new ReadLimits(1000, 1000, 100, 10, 10, 10, 10, 10, 10, 10);
        assertThat(run(new Pickled().text("12345678901").stop(), limits)).isEqualTo(new Opaque(11));
        assertThatThrownBy(() ->
                        run(new Pickled().op(0x8a, 11).ascii("12345678901").stop(), limits))
                .hasMessageContaining("integer of 11 bytes");
    }

    @Test
    void everyResourceIsBounded() {
        ReadLimits limits = new ReadLimits(1000, 50, 20, 10, 10, 10, 10, 10, 10, 10);
        assertThatThrownBy(() -> run(new Pickled().ascii("N".repeat(21)).stop(), limits))
                .hasMessageContaining("more than 20 values");
        assertThatThrownBy(() -> run(new Pickled().ascii("N0".repeat(40)).stop(), limits))
                .hasMessageContaining("more than 50 pickle instructions");
        assertThatThrownBy(() -> run(new Pickled().op('N', 'q', 60).stop(), limits))
                .hasMessageContaining("memo slot 60");
        assertThatThrownBy(() -> run(new Pickled().global("m".repeat(600), "n")))
                .hasMessageContaining("601 characters");
    }

    @Test
    void givenOnePairListCopiedAgainAndAgain_thenIsRefused() {
        ReadLimits limits = new ReadLimits(1 << 20, 10_000, 5000, 10, 10, 10, 10, 10, 10, 10);
        TorchObjects bounded = new TorchObjects(
                (key, dtype, elements, where) -> new Storage(key, dtype, elements, ByteOrder.LITTLE_ENDIAN, null),
                limits);
        Pickled pickle = new Pickled().op(']', 'q', 0, '(');
        for (int i = 0; i < 1000; i++) {
            pickle.op('N');
        }
        pickle.op('e');
        for (int i = 0; i < 1000; i++) {
            pickle.global("collections", "OrderedDict").op('h', 0, 0x85, 'R', '0');
        }
        assertThatThrownBy(() -> new PickleMachine(
                                ByteBuffer.wrap(pickle.stop()), bounded, new Where(Path.of("a.pth")), limits, 0)
                        .run())
                .hasMessageContaining("pairs given to dicts");
    }

    @Test
    void givenSelfContainingList_whenDescribed_thenEnds() throws Exception {
        Object list = run(new Pickled().op(']', 'q', 0, 'h', 0, 'a'));
        assertThat(PickleValues.describe(list)).isEqualTo("a list of 1");
    }

    @Test
    void readsPairsOfPython2OrderedDicts() throws Exception {
        Pickled pickle =
                new Pickled().global("collections", "OrderedDict").op(']', ']').text("a");
        PyDict dict = (PyDict) run(pickle.op('a', 'K', 1, 'a', 'a', 0x85, 'R'));
        assertThat(dict.get("a")).isEqualTo(1L);
    }

    @Test
    void readsTensorsOfEveryRebuildFunction() throws Exception {
        Pickled v1 =
                new Pickled().global("torch._utils", "_rebuild_tensor").op('(').storage("FloatStorage", "0", 6);
        assertThat(shape(run(v1.integer(0).tuple(2, 3).tuple(3, 1).ascii("tR"))))
                .containsExactly(2, 3);
        Pickled v3 = new Pickled().global("torch._utils", "_rebuild_tensor_v3").op('(');
        v3.storage("UntypedStorage", "1", 8)
                .integer(0)
                .tuple(2)
                .tuple(1)
                .op('N', 'N')
                .global("torch", "int32");
        assertThat(((StoredTensor) run(v3.ascii("tR"))).dtype()).isEqualTo(DType.INT32);
        Pickled parameter = new Pickled().global("torch._utils", "_rebuild_parameter_with_state");
        parameter.op('(').tensor("2", 6, 0, new long[] {6}, new long[] {1}).op(0x88, 'N', '}');
        assertThat(shape(run(parameter.ascii("tR")))).containsExactly(6);
        Pickled subclass = new Pickled().global("torch._tensor", "_rebuild_from_type_v2");
        subclass.op('(')
                .global("torch._utils", "_rebuild_tensor")
                .global("torch", "Tensor")
                .op('(');
        subclass.storage("FloatStorage", "3", 6).integer(1).tuple(5).tuple(1).op('t', '}');
        assertThat(shape(run(subclass.ascii("tR")))).containsExactly(5);
        assertThat(objects.warnings()).isEmpty();
    }

    private static int[] shape(Object tensor) {
        return ((StoredTensor) tensor).shape();
    }

    @Test
    void givenTensorOfUnknownStorage_thenIsInertAndNamesIt() throws Exception {
        Object value = run(new Pickled().tensor("ComplexFloatStorage", "0", 1, 0, new long[] {1}, new long[] {1}));
        assertThat(PickleValues.describe(value)).contains("torch.ComplexFloatStorage");
    }

    @Test
    void givenOneStorageDescribedTwice_thenIsRefused() {
        Pickled pickle = new Pickled().storage("FloatStorage", "0", 6).storage("FloatStorage", "0", 7);
        assertThatThrownBy(() -> run(pickle)).hasMessageContaining("6 float32").hasMessageContaining("7 float32");
    }

    @Test
    void layoutsThatLeaveTheStorageAreRefused() {
        for (long[][] layout : List.of(
                new long[][] {{7}, {1}, {0}},
                new long[][] {{2}, {6}, {0}},
                new long[][] {{1}, {1}, {6}},
                new long[][] {{Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE}, {0, 0, 0}, {0}},
                new long[][] {{3}, {Long.MAX_VALUE}, {0}},
                new long[][] {{-1}, {1}, {0}},
                new long[][] {{1}, {1}, {-1}},
                new long[][] {{2}, {-1}, {3}},
                new long[][] {{2, 1}, {1}, {0}})) {
            assertThatThrownBy(() -> run(new Pickled().tensor("0", 6, layout[2][0], layout[0], layout[1])))
                    .as("%s", (Object) layout[0])
                    .isInstanceOf(CheckpointFormatException.class);
        }
    }
}
