package io.mocozoo.train.torch;

import static io.mocozoo.train.torch.Formulas.mean;
import static io.mocozoo.train.torch.Formulas.variance;
import static io.mocozoo.train.torch.TorchCases.engine;
import static io.mocozoo.train.torch.TorchCases.functions;
import static io.mocozoo.train.torch.TorchCases.is;
import static io.mocozoo.train.torch.TorchCases.learns;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.GradientCollector;
import io.mocozoo.train.torch.TorchCases.Argument;
import io.mocozoo.train.torch.TorchCases.Case;
import io.mocozoo.train.torch.TorchCases.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every function of the archive in double precision against its definition, and its gradients against differences. */
class TorchMethodsTest {
    private static final long SEED = 20260801;
    /** Sums of a few dozen products differ by their order alone. */
    private static final double VALUE = 1e-10;
    /** Central differences: their own error is about STEP squared, and 1e-16 / STEP from rounding. */
    private static final double STEP = 1e-6;

    private static final double GRADIENT = 1e-6;

    /** What the goldens of the optimisers test. */
    private static final Set<String> OPTIMISERS = Set.of("sgd", "lars", "adamw");

    private static TorchFunctions torch;

    @BeforeAll
    static void load() {
        torch = TorchFunctions.load();
    }

    @AfterAll
    static void close() {
        torch.close();
    }

    @ParameterizedTest
    @MethodSource("io.mocozoo.train.torch.TorchCases#functions")
    void valuesAreThoseOfTheDefinition(Case one) {
        Values[] inputs = inputs(one);
        try (NDManager manager = torch.manager().newSubManager()) {
            NDArray result = torch.call(manager, one.function(), arrays(one, inputs, manager));
            assertSame(result, one.formula().apply(inputs));
        }
    }

    @ParameterizedTest
    @MethodSource("io.mocozoo.train.torch.TorchCases#learning")
    void gradientsAreThoseOfDifferences(Case one) {
        assertGradients(one);
    }

    private static void assertGradients(Case one) {
        Values[] inputs = inputs(one);
        SplittableRandom random = new SplittableRandom(SEED + 1);
        Values c = Values.of(
                i -> random.nextGaussian(), one.formula().apply(inputs).sizes());
        try (NDManager manager = torch.manager().newSubManager()) {
            NDArray[] arrays = arrays(one, inputs, manager);
            try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
                NDArray y = torch.call(manager, one.function(), arrays);
                assertSame(y, one.formula().apply(inputs));
                collector.backward(torch.call(manager, "dot", engine(manager, c), y));
            }
            for (int k = 0; k < arrays.length; k++) {
                Argument argument = one.arguments().get(k);
                if (argument.learns()) {
                    assertGradient(entries(arrays[k].getGradient()), differences(one, inputs, k, c), argument);
                }
            }
        }
    }

    private static double[] differences(Case one, Values[] inputs, int argument, Values c) {
        Values x = inputs[argument];
        return IntStream.range(0, x.entries().length)
                .mapToDouble(i -> {
                    Values[] moved = inputs.clone();
                    moved[argument] = x.moved(i, STEP);
                    double above = Values.dot(c, one.formula().apply(moved));
                    moved[argument] = x.moved(i, -STEP);
                    return (above - Values.dot(c, one.formula().apply(moved))) / (2 * STEP);
                })
                .toArray();
    }

    private static void assertGradient(double[] found, double[] expected, Argument argument) {
        double largest = IntStream.range(0, expected.length)
                .mapToDouble(i -> Math.abs(expected[i]))
                .max()
                .orElseThrow();
        assertThat(largest).as("largest gradient of %s", argument).isGreaterThan(0.01); // else nothing is tested
        assertThat(found)
                .as("gradient of %s, seed %s", argument, SEED)
                .containsExactly(expected, within(GRADIENT * largest));
    }

    @Test
    void nothingFlowsThroughWhatIsDetached() {
        Values x = is(Role.LEARNS, 3, 2).draw(new SplittableRandom(SEED));
        try (NDManager manager = torch.manager().newSubManager()) {
            NDArray array = learns(3, 2).array(manager, x);
            try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
                NDArray constant = torch.call(manager, "detached", array);
                collector.backward(torch.call(manager, "dot", array, constant));
            }
            assertThat(entries(array.getGradient())).containsExactly(x.entries(), within(VALUE)); // not 2 x
        }
    }

    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true", "false, false"})
    void runningStatisticsMoveByATenth(boolean affine, boolean maps) {
        SplittableRandom random = new SplittableRandom(SEED);
        Values x = (maps ? learns(3, 2, 2, 3) : learns(5, 2)).draw(random);
        Values before = is(Role.FIXED, 2).draw(random);
        try (NDManager manager = torch.manager().newSubManager()) {
            NDArray m = engine(manager, before);
            NDArray v = engine(manager, before);
            List<NDArray> arguments = new ArrayList<>(List.of(engine(manager, x)));
            if (affine) {
                arguments.addAll(List.of(engine(manager, before), engine(manager, before)));
            }
            arguments.addAll(List.of(m, v));
            torch.call(manager, affine ? "batchNorm" : "batchNormPlain", arguments.toArray(NDArray[]::new));
            assertSame(m, Values.of(i -> 0.9 * before.at(i) + 0.1 * mean(x.channel(i[0])), 2));
            double n = x.channel(0).length;
            assertSame(v, Values.of(i -> 0.9 * before.at(i) + 0.1 * variance(x.channel(i[0])) * n / (n - 1), 2));
        }
    }

    @SuppressWarnings("try") // the collector records by being open
    @ParameterizedTest
    @CsvSource({"batchNormEval, true", "batchNormPlainEval, false"})
    void frozenStatisticsAreConstants(String function, boolean affine) {
        SplittableRandom random = new SplittableRandom(SEED);
        Values before = is(Role.FIXED, 2).draw(random);
        try (NDManager manager = torch.manager().newSubManager()) {
            NDArray x = engine(manager, learns(3, 2, 2, 3).draw(random));
            NDArray m = engine(manager, before);
            NDArray v = engine(manager, before);
            NDArray w = engine(manager, before);
            NDArray[] arguments = affine ? new NDArray[] {x, w, w, m, v} : new NDArray[] {x, m, v};
            torch.call(manager, function, arguments);
            assertSame(m, before);
            assertSame(v, before);
            m.setRequiresGradient(true);
            try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
                assertThatThrownBy(() -> torch.call(manager, function, arguments))
                        .isInstanceOf(EngineException.class)
                        .hasMessageContaining("not differentiable with respect to argument 'running_mean'");
            }
        }
    }

    /** What becomes of an entry of the first list. */
    @FunctionalInterface
    private interface Elementwise {
        double of(double a, double b, double by);
    }

    /**
     * A function that changes a list in place.
     *
     * @param lists names of its lists
     * @param by whether a number follows
     * @param type of the entries
     */
    private record Update(String function, List<String> lists, boolean by, DataType type, Elementwise formula) {
        @Override
        public String toString() {
            return function;
        }
    }

    static Stream<Update> updates() {
        List<String> two = List.of("a", "b");
        return Stream.of(
                new Update("scale", List.of("g"), true, DataType.FLOAT64, (a, b, by) -> a * by),
                new Update("count", List.of("g"), false, DataType.INT64, (a, b, by) -> a + 1),
                new Update("zero", List.of("g"), false, DataType.FLOAT64, (a, b, by) -> 0),
                new Update("average", two, true, DataType.FLOAT64, (a, b, by) -> a * (1 - by) + b * by),
                new Update("copy", two, false, DataType.FLOAT64, (a, b, by) -> b));
    }

    @ParameterizedTest
    @MethodSource("updates")
    void updatesChangeTheFirstListAlone(Update update) {
        double by = 0.3;
        SplittableRandom random = new SplittableRandom(SEED);
        List<Values> a = drawn(random);
        List<Values> b = drawn(random);
        try (NDManager manager = torch.manager().newSubManager()) {
            List<NDArray> first = typed(manager, a, update.type());
            List<NDArray> second = typed(manager, b, update.type());
            TorchFunctions.Lists lists =
                    new TorchFunctions.Lists().list(update.lists().get(0), first);
            if (update.lists().size() > 1) {
                lists.list(update.lists().get(1), second);
            }
            NDArray number = manager.create(by);
            NDArray result = torch.update(manager, update.function(), update.by() ? lists.one(number) : lists);
            for (int k = 0; k < a.size(); k++) {
                Values x = a.get(k);
                Values y = b.get(k);
                assertSame(first.get(k), Values.of(i -> update.formula().of(x.at(i), y.at(i), by), x.sizes()));
                assertSame(second.get(k), y);
            }
            assertThat(entries(result)).containsExactly(entries(update.by() ? number : first.get(0)), within(0.0));
        }
    }

    @Test
    void normsAreThoseOfEachArray() {
        List<Values> arrays = drawn(new SplittableRandom(SEED));
        try (NDManager manager = torch.manager().newSubManager()) {
            List<NDArray> list = typed(manager, arrays, DataType.FLOAT64);
            NDArray norms = torch.update(manager, "norms", new TorchFunctions.Lists().list("g", list));
            assertSame(norms, Values.of(i -> Formulas.length(arrays.get(i[0]).entries()), arrays.size()));
        }
    }

    @Test
    void everyFunctionHasACase() {
        Set<String> known = new TreeSet<>();
        Pattern definition = Pattern.compile("def (\\w+)\\(");
        for (String method : TorchMethods.all()) {
            Matcher matcher = definition.matcher(method);
            assertThat(matcher.find()).as(method).isTrue();
            known.add(matcher.group(1));
        }
        known.removeAll(OPTIMISERS);
        known.removeIf(name -> name.endsWith(Precision.BF16.suffix()) || name.endsWith(Precision.FP16.suffix()));
        Set<String> tested = new TreeSet<>(Set.of("norms"));
        functions().map(Case::function).forEach(tested::add);
        updates().map(Update::function).forEach(tested::add);
        assertThat(tested).isEqualTo(known);
    }

    /** Whole numbers, which counters can hold as well. */
    private static List<Values> drawn(SplittableRandom random) {
        return List.of(Values.of(i -> random.nextInt(-9, 10), 2, 3), Values.of(i -> random.nextInt(-9, 10), 4));
    }

    private static List<NDArray> typed(NDManager manager, List<Values> values, DataType type) {
        return values.stream()
                .map(one -> engine(manager, one).toType(type, true))
                .toList();
    }

    private static Values[] inputs(Case one) {
        SplittableRandom random = new SplittableRandom(SEED);
        return one.arguments().stream().map(argument -> argument.draw(random)).toArray(Values[]::new);
    }

    private static NDArray[] arrays(Case one, Values[] inputs, NDManager manager) {
        return IntStream.range(0, inputs.length)
                .mapToObj(k -> one.arguments().get(k).array(manager, inputs[k]))
                .toArray(NDArray[]::new);
    }

    private static double[] entries(NDArray array) {
        return array.toType(DataType.FLOAT64, true).toDoubleArray();
    }

    private static void assertSame(NDArray found, Values expected) {
        assertThat(LongStream.of(found.getShape().getShape())
                        .mapToInt(Math::toIntExact)
                        .toArray())
                .isEqualTo(expected.sizes());
        assertThat(entries(found)).as("seed %s", SEED).containsExactly(expected.entries(), within(VALUE));
    }
}
