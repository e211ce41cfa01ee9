package io.mocozoo.network;

import java.util.List;
import java.util.Map;

/**
 * A residual network in torchvision's form: the stride of a bottleneck sits on its 3x3 convolution.
 *
 * @param depth 18 or 34 (basic blocks), 50, 101 or 152 (bottlenecks)
 * @param stemChannels width of the first convolution; 64 in the published models
 * @param baseChannels width of the first stage before expansion; 64 in the published models
 * @see <a href="https://arxiv.org/abs/1512.03385">He et al. 2016, table 1</a>
 */
public record ResNet(int depth, int stemChannels, int baseChannels) implements Backbone {
    private static final Map<Integer, List<Integer>> BLOCKS = Map.of(
            18, List.of(2, 2, 2, 2),
            34, List.of(3, 4, 6, 3),
            50, List.of(3, 4, 6, 3),
            101, List.of(3, 4, 23, 3),
            152, List.of(3, 8, 36, 3));
    private static final List<Output> STAGES = List.of(Output.STAGE1, Output.STAGE2, Output.STAGE3, Output.STAGE4);

    public ResNet {
        if (!BLOCKS.containsKey(depth)) {
            throw new IllegalArgumentException("depth must be 18, 34, 50, 101 or 152, found " + depth);
        }
        Checks.positive("stemChannels", stemChannels, Checks.WIDEST);
        Checks.positive("baseChannels", baseChannels, Checks.WIDEST);
    }

    private boolean bottleneck() {
        return depth >= 50;
    }

    private int expansion() {
        return bottleneck() ? 4 : 1;
    }

    private List<Integer> blocks() {
        return BLOCKS.getOrDefault(depth, List.of());
    }

    @Override
    public int width() {
        return baseChannels * 8 * expansion();
    }

    @Override
    public String headKey() {
        return "head.fc";
    }

    @Override
    public int stages() {
        return STAGES.size();
    }

    @Override
    public int stage(String key) {
        return key.startsWith("layer") ? Character.digit(key.charAt("layer".length()), 10) : 0;
    }

    @Override
    public List<Output> extras() {
        return STAGES;
    }

    @Override
    public <T> T forward(Ops<T> ops, T image) {
        T x = ops.conv2d("conv1", image, 3, stemChannels, 7, 2, 3, false);
        x = ops.relu(ops.batchNorm("bn1", x, stemChannels, true));
        x = ops.maxPool(x, 3, 2, 1); // [n, stem, h / 4, w / 4]
        int total = blocks().stream().mapToInt(Integer::intValue).sum();
        int done = 0;
        int in = stemChannels;
        for (int stage = 0; stage < STAGES.size(); stage++) {
            int mid = baseChannels << stage;
            for (int block = 0; block < blocks().get(stage); block++) {
                Ops<T> at = ops.at("layer" + (stage + 1) + "." + block);
                int stride = stage > 0 && block == 0 ? 2 : 1;
                x = block(at, x, in, mid, stride, done++ / (double) Math.max(1, total - 1));
                in = mid * expansion();
            }
            ops.output(STAGES.get(stage), x);
        }
        return x;
    }

    private <T> T block(Ops<T> ops, T x, int in, int mid, int stride, double depth) {
        int out = mid * expansion();
        T identity = x;
        if (stride != 1 || in != out) {
            identity = ops.conv2d("downsample.0", x, in, out, 1, stride, 0, false);
            identity = ops.batchNorm("downsample.1", identity, out, true);
        }
        T branch = bottleneck() ? bottleneck(ops, x, in, mid, stride) : basic(ops, x, in, mid, stride);
        return ops.relu(ops.residual(identity, branch, depth));
    }

    private static <T> T bottleneck(Ops<T> ops, T x, int in, int mid, int stride) {
        T y = ops.conv2d("conv1", x, in, mid, 1, 1, 0, false);
        y = ops.relu(ops.batchNorm("bn1", y, mid, true));
        y = ops.conv2d("conv2", y, mid, mid, 3, stride, 1, false);
        y = ops.relu(ops.batchNorm("bn2", y, mid, true));
        y = ops.conv2d("conv3", y, mid, mid * 4, 1, 1, 0, false);
        return ops.batchNorm("bn3", y, mid * 4, true);
    }

    private static <T> T basic(Ops<T> ops, T x, int in, int mid, int stride) {
        T y = ops.conv2d("conv1", x, in, mid, 3, stride, 1, false);
        y = ops.relu(ops.batchNorm("bn1", y, mid, true));
        y = ops.conv2d("conv2", y, mid, mid, 3, 1, 1, false);
        return ops.batchNorm("bn2", y, mid, true);
    }

    @Override
    public <T> T pool(Ops<T> ops, T x) {
        return ops.globalAveragePool(x);
    }
}
