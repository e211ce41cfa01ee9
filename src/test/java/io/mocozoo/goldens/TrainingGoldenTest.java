package io.mocozoo.goldens;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import io.mocozoo.checkpoint.StoredTensor;
import io.mocozoo.network.Backbone;
import io.mocozoo.network.Classifier;
import io.mocozoo.network.Cost;
import io.mocozoo.network.Mlp;
import io.mocozoo.network.MocoV3;
import io.mocozoo.network.Network;
import io.mocozoo.network.Positions;
import io.mocozoo.network.ResNet;
import io.mocozoo.network.SinCosPositions;
import io.mocozoo.network.VisionTransformer;
import io.mocozoo.runtime.Tensor;
import io.mocozoo.train.ClassifierTraining;
import io.mocozoo.train.EncoderMomentum;
import io.mocozoo.train.GradientObserver;
import io.mocozoo.train.MocoV3Training;
import io.mocozoo.train.Numbers;
import io.mocozoo.train.StepResult;
import io.mocozoo.train.loss.CrossEntropy;
import io.mocozoo.train.loss.InfoNce;
import io.mocozoo.train.optim.AdamW;
import io.mocozoo.train.optim.Lars;
import io.mocozoo.train.optim.Optimizer;
import io.mocozoo.train.optim.ParameterRules;
import io.mocozoo.train.optim.Sgd;
import io.mocozoo.train.torch.Parameters;
import io.mocozoo.train.torch.Pass;
import io.mocozoo.train.torch.Replicas;
import io.mocozoo.train.torch.TorchFunctions;
import io.mocozoo.train.torch.TorchOps;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Three steps of six tiny trainings in double precision, against the reference. */
class TrainingGoldenTest {
    static Stream<String> cases() {
        List<String> names = new ArrayList<>();
        Goldens.index("training").get("cases").fieldNames().forEachRemaining(names::add);
        assertThat(names).isNotEmpty();
        return names.stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void stepsAreTheReferencesInDoublePrecision(String name) throws IOException {
        JsonNode golden = Goldens.index("training").get("cases").get(name);
        JsonNode model = golden.get("model");
        Network network = network(model);
        Cost cost = Cost.of(
                network,
                golden.get("image_size").intValue(),
                golden.get("image_size").intValue());
        try (TorchFunctions torch = TorchFunctions.load();
                Parameters parameters = Parameters.of(
                        torch.manager(), cost, weights(golden, network, cost), DataType.FLOAT64, learns(model))) {
            JsonNode wrapper = golden.get("optim_wrapper");
            Optimizer optimizer = optimizer(wrapper, torch, parameters);
            OptionalDouble clip = wrapper.has("clip_grad")
                    ? OptionalDouble.of(wrapper.get("clip_grad").get("max_norm").doubleValue())
                    : OptionalDouble.empty();
            double rate = wrapper.get("optimizer").get("lr").doubleValue();
            int steps = golden.get("input_streams").size();
            for (int i = 0; i < steps; i++) {
                Map<String, Double> norms = new LinkedHashMap<>();
                Map<String, double[]> first = new LinkedHashMap<>();
                boolean isFirst = i == 0;
                GradientObserver observer = gradients -> gradients.forEach((key, gradient) -> {
                    double[] values = gradient.toDoubleArray();
                    norms.put(key, length(values));
                    if (isFirst) {
                        first.put(key, values);
                    }
                });
                StepResult result = step(golden, network, torch, parameters, optimizer, clip, rate, i, observer);
                assertThat(result.loss())
                        .as("loss of step %d", i)
                        .isCloseTo(golden.get("loss").get(i).doubleValue(), within(1e-6 * Math.abs(result.loss())));
                assertThat(result.gradientNorm())
                        .isCloseTo(
                                golden.get("grad_norm_total_before_clip").get(i).doubleValue(),
                                within(1e-6 * result.gradientNorm()));
                double whole = result.gradientNorm();
                golden.get("grad_norms").get(i).properties().forEach(e -> assertThat(
                                norms.getOrDefault(e.getKey(), 0.0))
                        .as(e.getKey())
                        .isCloseTo(e.getValue().doubleValue(), within(1e-6 * whole)));
                if (isFirst) {
                    compare(golden.get("grads_step1").textValue(), first, 1e-6, whole);
                    compare(golden.get("state_after_1").textValue(), state(parameters), 1e-6, 1);
                }
            }
            compare(golden.get("state_after_3").textValue(), state(parameters), 1e-5, 1);
        }
    }

    private static Map<String, double[]> state(Parameters parameters) {
        Map<String, double[]> state = new LinkedHashMap<>();
        parameters.names().forEach(n -> {
            NDArray array = parameters.get(n);
            try (NDArray wide = array.toType(DataType.FLOAT64, true)) {
                state.put(n, wide.toDoubleArray());
            }
        });
        return state;
    }

    /** Every stored tensor, whole or as samples of it, within a tolerance relative to its own length. */
    private static void compare(String file, Map<String, double[]> found, double tolerance, double floor) {
        List<String> faults = new ArrayList<>();
        Map<String, double[]> expected = Goldens.npz(file);
        assertThat(expected).isNotEmpty();
        expected.forEach((key, reference) -> {
            double[] whole = found.get(key);
            if (whole == null) {
                faults.add(key + " is missing");
                return;
            }
            double[] values = whole.length == reference.length ? whole : sampled(whole, reference.length);
            double apart = 0;
            for (int i = 0; i < reference.length; i++) {
                apart += (values[i] - reference[i]) * (values[i] - reference[i]);
            }
            if (!(Math.sqrt(apart) <= tolerance * Math.max(length(reference), 1e-3 * floor))) {
                faults.add(key + ": off by " + Math.sqrt(apart) + " of " + length(reference));
            }
        });
        assertThat(faults).as(file).isEmpty();
    }

    private static double[] sampled(double[] whole, int count) {
        double[] samples = new double[count];
        for (int j = 0; j < count; j++) {
            samples[j] = whole[(int) ((long) j * whole.length / count)];
        }
        return samples;
    }

    private static double length(double[] values) {
        double square = 0;
        for (double v : values) {
            square += v * v;
        }
        return Math.sqrt(square);
    }

    private static StepResult step(
            JsonNode golden,
            Network network,
            TorchFunctions torch,
            Parameters parameters,
            Optimizer optimizer,
            OptionalDouble clip,
            double rate,
            int i,
            GradientObserver observer) {
        JsonNode streams = golden.get("input_streams").get(i);
        if (network instanceof MocoV3 moco) {
            JsonNode model = golden.get("model");
            return new MocoV3Training(
                            torch,
                            moco,
                            Replicas.one(torch, parameters),
                            optimizer,
                            new InfoNce(model.get("head").get("temperature").doubleValue()),
                            new EncoderMomentum(
                                    model.get("base_momentum").doubleValue(),
                                    golden.get("max_iters").longValue()),
                            Numbers.plain(clip))
                    .step(images(golden, streams, 0, torch), images(golden, streams, 1, torch), rate, observer);
        }
        Classifier classifier = (Classifier) network;
        JsonNode loss = golden.get("model").get("head").get("loss");
        double smoothing =
                loss.has("label_smooth_val") ? loss.get("label_smooth_val").doubleValue() : 0;
        boolean frozen = golden.get("model").get("backbone").has("frozen_stages");
        return new ClassifierTraining(
                        torch,
                        classifier,
                        Replicas.one(torch, parameters),
                        optimizer,
                        new CrossEntropy(smoothing),
                        frozen ? Pass.FROZEN : Pass.LEARN,
                        name -> false,
                        Numbers.plain(clip))
                .step(
                        images(golden, streams, 0, torch),
                        Goldens.oneHot(golden.get("labels").get(i), classifier.classes()),
                        rate,
                        TorchOps.DropPath.NONE,
                        observer);
    }

    private static NDArray images(JsonNode golden, JsonNode streams, int view, TorchFunctions torch) {
        int n = golden.get("batch").intValue();
        int side = golden.get("image_size").intValue();
        Tensor image = Scheme.image(streams.get(view).textValue(), n, 3, side, side);
        return torch.manager()
                .create(image.toArray(), new Shape(n, 3, side, side))
                .toType(DataType.FLOAT64, false);
    }

    private static Network network(JsonNode model) {
        Backbone backbone = backbone(model.get("backbone"));
        if (model.get("type").textValue().equals("MoCoV3")) {
            return new MocoV3(
                    backbone, mlp(model.get("neck")), mlp(model.get("head").get("predictor")));
        }
        return new Classifier(backbone, model.get("head").get("num_classes").intValue());
    }

    private static Mlp mlp(JsonNode neck) {
        return new Mlp(
                neck.get("num_layers").intValue(),
                neck.get("hid_channels").intValue(),
                neck.get("out_channels").intValue(),
                neck.get("with_last_bn").booleanValue());
    }

    private static Backbone backbone(JsonNode config) {
        if (config.get("type").textValue().equals("ResNet")) {
            return new ResNet(
                    config.get("depth").intValue(),
                    config.get("stem_channels").intValue(),
                    config.get("base_channels").intValue());
        }
        JsonNode arch = config.get("arch");
        boolean fixed = config.get("type").textValue().equals("MoCoV3ViT");
        return new VisionTransformer(
                arch.get("embed_dims").intValue(),
                arch.get("num_layers").intValue(),
                arch.get("num_heads").intValue(),
                arch.get("feedforward_channels").intValue(),
                config.get("patch_size").intValue(),
                config.get("img_size").intValue(),
                fixed ? Positions.SINCOS : Positions.LEARNED);
    }

    /** The patch projection is frozen where the config says so, fixed positions always, a frozen backbone wholly. */
    private static Predicate<String> learns(JsonNode model) {
        JsonNode backbone = model.get("backbone");
        boolean fixed = backbone.get("type").textValue().equals("MoCoV3ViT");
        boolean frozen = backbone.has("frozen_stages");
        return name -> !(frozen && name.startsWith("backbone."))
                && !(fixed && (name.endsWith("pos_embed") || name.contains("patch_embed")));
    }

    private static Map<String, StoredTensor> weights(JsonNode golden, Network network, Cost cost) {
        String prefix = golden.get("weight_stream_prefix").textValue();
        Map<String, StoredTensor> weights = new LinkedHashMap<>();
        cost.keys().values().forEach(k -> {
            int[] shape = k.shape().stream().mapToInt(Integer::intValue).toArray();
            String key = k.name()
                    .replace("momentum_encoder.module.0.", "backbone.")
                    .replace("momentum_encoder.module.1.", "neck.");
            boolean table = k.name().endsWith("pos_embed")
                    && network.backbone() instanceof VisionTransformer vit
                    && vit.positions() == Positions.SINCOS;
            StoredTensor weight = table
                    ? StoredTensor.ofFloats(
                            SinCosPositions.table(((VisionTransformer) network.backbone()).grid(), shape[2]), shape)
                    : Scheme.weight(prefix, key, shape);
            boolean smaller = golden.has("weight_exception") && key.matches("backbone\\..*\\.bn3\\.weight");
            weights.put(k.name(), smaller ? fifth(weight, shape) : weight);
        });
        return weights;
    }

    /** The exception that keeps a deep random network well conditioned: a fifth, in single precision. */
    private static StoredTensor fifth(StoredTensor weight, int... shape) {
        try {
            float[] values = weight.toFloats();
            for (int i = 0; i < values.length; i++) {
                values[i] *= 0.2f;
            }
            return StoredTensor.ofFloats(values, shape);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optimizer optimizer(JsonNode wrapper, TorchFunctions torch, Parameters parameters) {
        JsonNode config = wrapper.get("optimizer");
        ParameterRules rules = rules(wrapper.path("paramwise_cfg"));
        double decay = config.get("weight_decay").doubleValue();
        return switch (config.get("type").textValue()) {
            case "LARS" ->
                new Lars(torch, parameters, rules, config.get("momentum").doubleValue(), decay);
            case "SGD" ->
                new Sgd(torch, parameters, rules, config.get("momentum").doubleValue(), decay);
            default -> new AdamW(torch, parameters, rules, 0.9, 0.999, 1e-8, decay);
        };
    }

    private static ParameterRules rules(JsonNode config) {
        List<ParameterRules.Custom> custom = new ArrayList<>();
        config.path("custom_keys")
                .properties()
                .forEach(e -> custom.add(new ParameterRules.Custom(
                        e.getKey(),
                        e.getValue().path("decay_mult").asDouble(1),
                        e.getValue().path("lars_exclude").asBoolean(false))));
        return new ParameterRules(
                custom,
                config.path("norm_decay_mult").asDouble(1),
                config.path("bias_decay_mult").asDouble(1));
    }
}
