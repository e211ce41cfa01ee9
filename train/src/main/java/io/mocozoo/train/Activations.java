package io.mocozoo.train;

import io.mocozoo.network.Cost;
import io.mocozoo.network.Ops;
import io.mocozoo.network.Output;
import io.mocozoo.train.torch.Precision;
import java.util.List;

/**
 * Counts what a pass over one image holds in memory. The result of every operation is held until the step, or a piece of
 * it, is over: its manager owns them all. Beside them the engine saves some of what an operation has inside, for the way
 * back. Shapes are those of {@link Cost}, without the batch axis.
 */
final class Activations implements Ops<List<Integer>> {
    private static final int SINGLE_BYTES = 4;
    private static final int HALF_BYTES = 2;
    private static final int INDEX_BYTES = 8;

    private final Ops<List<Integer>> shapes;
    private final boolean isHalf;
    private final Tally tally;

    private Activations(Ops<List<Integer>> shapes, boolean isHalf, Tally tally) {
        this.shapes = shapes;
        this.isHalf = isHalf;
        this.tally = tally;
    }

    /** Counts the layers that are run over it in a precision of products. */
    static Activations in(Precision precision) {
        return new Activations(Cost.overShapes(), precision != Precision.FP32, new Tally());
    }

    /** Sums in bytes. */
    private static final class Tally {
        long results;
        long saved;
        long weights;
        long widest;
    }

    /** Bytes of an image's results: what a pass for values alone holds. */
    long results() {
        return tally.results;
    }

    /** Bytes of an image's results and of what is saved inside of operations: what a pass with a way back holds. */
    long withGraph() {
        return tally.results + tally.saved;
    }

    /** Bytes of weights that were rounded for a pass with a way back, whatever the number of images. */
    long roundedWeights() {
        return tally.weights;
    }

    /** Bytes of the gradients an image has at once on the way back, at the operation that has most. */
    long widest() {
        return tally.widest;
    }

    private static long elements(List<Integer> shape) {
        return shape.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
    }

    private List<Integer> result(List<Integer> x, List<Integer> y) {
        tally.results += SINGLE_BYTES * elements(y);
        tally.widest = Math.max(tally.widest, SINGLE_BYTES * (elements(x) + elements(y)));
        return y;
    }

    private List<Integer> product(List<Integer> x, List<Integer> y, long weights) {
        if (isHalf) { // rounded copies of both factors are what is saved
            tally.saved += HALF_BYTES * elements(x);
            tally.weights += HALF_BYTES * weights;
        }
        return result(x, y);
    }

    @Override
    public Ops<List<Integer>> at(String scope) {
        return new Activations(shapes.at(scope), isHalf, tally);
    }

    @Override
    public List<Integer> conv2d(
            String key, List<Integer> x, int in, int out, int kernel, int stride, int padding, boolean bias) {
        if (in == 3) {
            result(x, x); // pictures laid channels last
        }
        return product(
                x, shapes.conv2d(key, x, in, out, kernel, stride, padding, bias), (long) in * out * kernel * kernel);
    }

    @Override
    public List<Integer> batchNorm(String key, List<Integer> x, int channels, boolean affine) {
        return result(x, shapes.batchNorm(key, x, channels, affine));
    }

    @Override
    public List<Integer> layerNorm(String key, List<Integer> x, int width, double epsilon) {
        tally.saved += 2 * SINGLE_BYTES * elements(x) / width; // mean and deviation of each row
        return result(x, shapes.layerNorm(key, x, width, epsilon));
    }

    @Override
    public List<Integer> linear(String key, List<Integer> x, int in, int out, boolean bias) {
        return product(x, shapes.linear(key, x, in, out, bias), (long) in * out);
    }

    @Override
    public List<Integer> linearMap(String key, List<Integer> x, int in, int out) {
        return result(x, shapes.linearMap(key, x, in, out));
    }

    @Override
    public List<Integer> selfAttention(String key, List<Integer> x, int width, int heads) {
        List<Integer> all = List.of(x.get(0), 3 * width);
        product(x, all, 3L * width * width);
        tally.saved += (long) SINGLE_BYTES * heads * x.get(0); // the softmax's denominators
        if (isHalf) {
            tally.saved += HALF_BYTES * elements(x); // attended values before they are widened
        }
        product(all, x, 0);
        return product(x, shapes.selfAttention(key, x, width, heads), (long) width * width);
    }

    @Override
    public List<Integer> classAttention(String key, List<Integer> x, int width, int heads) {
        return result(x, shapes.classAttention(key, x, width, heads));
    }

    @Override
    public List<Integer> patchTokens(List<Integer> image, int width, int patch, int grid) {
        List<Integer> tokens = shapes.patchTokens(image, width, patch, grid);
        result(image, image); // padded
        product(image, List.of(tokens.get(0) - 1, width), 3L * width * patch * patch);
        return result(tokens, tokens);
    }

    @Override
    public List<Integer> relu(List<Integer> x) {
        return result(x, shapes.relu(x));
    }

    @Override
    public List<Integer> gelu(List<Integer> x) {
        return result(x, shapes.gelu(x));
    }

    @Override
    public List<Integer> maxPool(List<Integer> x, int kernel, int stride, int padding) {
        List<Integer> y = shapes.maxPool(x, kernel, stride, padding);
        tally.saved += INDEX_BYTES * elements(y);
        return result(x, y);
    }

    @Override
    public List<Integer> globalAveragePool(List<Integer> x) {
        return result(x, shapes.globalAveragePool(x));
    }

    @Override
    public List<Integer> token(List<Integer> x, int index) {
        return shapes.token(x, index); // a view
    }

    @Override
    public List<Integer> residual(List<Integer> x, List<Integer> branch, double depth) {
        return result(x, shapes.residual(x, branch, depth));
    }

    @Override
    public List<Integer> output(Output name, List<Integer> x) {
        return x;
    }

    @Override
    public boolean wants(Output name) {
        return false;
    }
}
