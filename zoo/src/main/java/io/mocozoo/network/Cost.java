package io.mocozoo.network;

import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * What a network costs and owns, counted as mmpretrain's analyser counts: one multiply-add is one FLOP; affine batch
 * norm 2, layer norm 5 and average pooling 1 per input value; biases, additions, activations, softmax and max pooling
 * are free. Both matrix products of attention count, as in the published figures.
 *
 * @param keys every entry of the state dict by name, momentum encoder included
 * @param flops running count where each output is named, one image
 * @param shapes shape of each output without the batch axis
 */
public record Cost(Map<String, Key> keys, Map<Output, Long> flops, Map<Output, List<Integer>> shapes) {
    public Cost {
        keys = Collections.unmodifiableMap(keys);
        flops = Collections.unmodifiableMap(flops);
        shapes = Collections.unmodifiableMap(shapes);
    }

    /** Counts a network fed with one image of the size, in pixels. */
    public static Cost of(Network network, int height, int width) {
        Counter counter = new Counter();
        Set<Output> wanted = network.outputs();
        Interpreter ops = new Interpreter("", counter, wanted);
        network.forward(ops, List.of(3, height, width));
        if (wanted.contains(Output.MOMENTUM_PROJECTION)) {
            counter.own("momentum_encoder.steps", Key.Kind.COUNTER, List.of());
        }
        return new Cost(counter.keys, counter.flops, counter.shapes);
    }

    /**
     * The layers over the shapes of one image alone, without the batch axis: [c, h, w], [l, d] or [d]. For other counts
     * than ours; one network a call.
     */
    public static Ops<List<Integer>> overShapes() {
        return new Interpreter("", new Counter(), Set.of());
    }

    /** Elements of all parameters, momentum encoder included, running statistics left out. */
    public long parameters() {
        return keys.values().stream()
                .filter(k -> k.kind() == Key.Kind.PARAMETER)
                .mapToLong(Key::elements)
                .sum();
    }

    /** The names of {@link #keys} that the online network reads when it runs: no counters, no momentum encoder. */
    public Set<String> needed() {
        return needed(Set.of());
    }

    /** The same for some results, of which one needs the momentum encoder too. */
    public Set<String> needed(Set<Output> outputs) {
        boolean momentum = outputs.contains(Output.MOMENTUM_PROJECTION);
        return keys.values().stream()
                .filter(k -> k.kind() != Key.Kind.COUNTER)
                .map(Key::name)
                .filter(name -> momentum || !name.startsWith("momentum_encoder."))
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private static final class Counter {
        final Map<String, Key> keys = new LinkedHashMap<>();
        final Map<Output, Long> flops = new EnumMap<>(Output.class);
        final Map<Output, List<Integer>> shapes = new EnumMap<>(Output.class);
        long running;

        void own(String name, Key.Kind kind, List<Integer> shape) {
            if (keys.put(name, new Key(name, shape, kind)) != null) {
                throw new IllegalStateException("two layers own " + name);
            }
        }
    }

    /** Shapes without the batch axis flow: [c, h, w], [l, d] or [d]. */
    private record Interpreter(String scope, Counter counter, Set<Output> wanted) implements Ops<List<Integer>> {
        private void parameter(String name, Integer... shape) {
            counter.own(scope + name, Key.Kind.PARAMETER, List.of(shape));
        }

        private void count(long flops) {
            counter.running = Math.addExact(counter.running, flops);
        }

        private static long elements(List<Integer> shape) {
            return product(shape.stream().mapToLong(Integer::longValue).toArray());
        }

        private static long product(long... factors) {
            return LongStream.of(factors).reduce(1, Math::multiplyExact);
        }

        private static void expect(String key, int expected, int found) {
            if (expected != found) {
                throw new IllegalStateException("layer " + key + " expects " + expected + " channels, found " + found);
            }
        }

        @Override
        public Ops<List<Integer>> at(String below) {
            return new Interpreter(scope + below + ".", counter, wanted);
        }

        @Override
        public List<Integer> conv2d(
                String key, List<Integer> x, int in, int out, int kernel, int stride, int padding, boolean bias) {
            expect(scope + key, in, x.get(0));
            parameter(key + ".weight", out, in, kernel, kernel);
            if (bias) {
                parameter(key + ".bias", out);
            }
            List<Integer> y =
                    List.of(out, window(x.get(1), kernel, stride, padding), window(x.get(2), kernel, stride, padding));
            count(product(elements(y), in, kernel, kernel));
            return y;
        }

        private static int window(int size, int kernel, int stride, int padding) {
            return (size + 2 * padding - kernel) / stride + 1;
        }

        @Override
        public List<Integer> batchNorm(String key, List<Integer> x, int channels, boolean affine) {
            expect(scope + key, channels, x.get(0));
            if (affine) {
                parameter(key + ".weight", channels);
                parameter(key + ".bias", channels);
            }
            counter.own(scope + key + ".running_mean", Key.Kind.STATISTIC, List.of(channels));
            counter.own(scope + key + ".running_var", Key.Kind.STATISTIC, List.of(channels));
            counter.own(scope + key + ".num_batches_tracked", Key.Kind.COUNTER, List.of());
            count(elements(x) * (affine ? 2 : 1));
            return x;
        }

        @Override
        public List<Integer> layerNorm(String key, List<Integer> x, int width, double epsilon) {
            expect(scope + key, width, x.get(x.size() - 1));
            parameter(key + ".weight", width);
            parameter(key + ".bias", width);
            count(elements(x) * 5);
            return x;
        }

        @Override
        public List<Integer> linear(String key, List<Integer> x, int in, int out, boolean bias) {
            expect(scope + key, in, x.get(x.size() - 1));
            parameter(key + ".weight", out, in);
            if (bias) {
                parameter(key + ".bias", out);
            }
            count(product(elements(x), out));
            return x.size() == 1 ? List.of(out) : List.of(x.get(0), out);
        }

        @Override
        public List<Integer> linearMap(String key, List<Integer> x, int in, int out) {
            expect(scope + key, in, x.get(0));
            return List.of(out, x.get(1), x.get(2));
        }

        @Override
        public List<Integer> selfAttention(String key, List<Integer> x, int width, int heads) {
            at(key).linear("qkv", x, width, 3 * width, true);
            long tokens = x.get(0);
            count(product(2, tokens, tokens, width)); // q k^T and weights times v
            return at(key).linear("proj", x, width, width, true);
        }

        @Override
        public List<Integer> classAttention(String key, List<Integer> x, int width, int heads) {
            return List.of(heads, x.get(0));
        }

        @Override
        public List<Integer> patchTokens(List<Integer> image, int width, int patch, int grid) {
            parameter("cls_token", 1, 1, width);
            parameter("pos_embed", 1, 1 + grid * grid, width);
            int rows = (image.get(1) + patch - 1) / patch;
            int columns = (image.get(2) + patch - 1) / patch;
            at("patch_embed")
                    .conv2d("projection", List.of(3, rows * patch, columns * patch), 3, width, patch, patch, 0, true);
            return List.of(1 + rows * columns, width);
        }

        @Override
        public List<Integer> relu(List<Integer> x) {
            return x;
        }

        @Override
        public List<Integer> gelu(List<Integer> x) {
            return x;
        }

        @Override
        public List<Integer> maxPool(List<Integer> x, int kernel, int stride, int padding) {
            return List.of(
                    x.get(0), window(x.get(1), kernel, stride, padding), window(x.get(2), kernel, stride, padding));
        }

        @Override
        public List<Integer> globalAveragePool(List<Integer> x) {
            count(elements(x));
            return List.of(x.get(0));
        }

        @Override
        public List<Integer> token(List<Integer> x, int index) {
            return List.of(x.get(1));
        }

        @Override
        public List<Integer> residual(List<Integer> x, List<Integer> branch, double depth) {
            if (!x.equals(branch)) {
                throw new IllegalStateException("a residual adds " + branch + " to " + x);
            }
            return x;
        }

        @Override
        public List<Integer> output(Output name, List<Integer> x) {
            counter.flops.put(name, counter.running);
            counter.shapes.put(name, x);
            return x;
        }

        @Override
        public boolean wants(Output name) {
            return wanted.contains(name);
        }
    }
}
