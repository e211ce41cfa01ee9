package io.mocozoo.goldens;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.mocozoo.CheckpointConverter.Request;
import io.mocozoo.checkpoint.StoredTensor;
import io.mocozoo.convert.Converter;
import io.mocozoo.network.Cost;
import io.mocozoo.network.Network;
import io.mocozoo.network.Output;
import io.mocozoo.onnx.GraphInput;
import io.mocozoo.onnx.Precision;
import io.mocozoo.registry.ModelCard;
import io.mocozoo.registry.Registry;
import io.mocozoo.runtime.Device;
import io.mocozoo.runtime.OnnxSession;
import io.mocozoo.runtime.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every full-size model: its keys, its numbers, and what it computes, against the reference. */
class ModelsGoldenTest {
    /** The reference's own float32 is within 1.5e-6; a layer norm epsilon of 1e-5 instead of 1e-6 shows as 4e-6. */
    private static final double TOLERANCE = 3e-6;

    private static final Registry REGISTRY = Registry.builtIn();

    @TempDir
    Path folder;

    static Stream<String> models() {
        List<String> names = new ArrayList<>();
        Goldens.index("models").get("models").fieldNames().forEachRemaining(names::add);
        assertThat(names).isNotEmpty();
        return names.stream();
    }

    private static JsonNode golden(String name) {
        return Goldens.index("models").get("models").get(name);
    }

    @ParameterizedTest
    @MethodSource("models")
    void hasTheReferencesKeysAndParameters(String name) {
        Cost cost = Cost.of(REGISTRY.get(name).network(), 224, 224);
        Set<String> expected = new TreeSet<>();
        Goldens.json(golden(name).get("state_dict_file").textValue())
                .forEach(entry -> expected.add(entry.get(0).textValue() + " " + entry.get(1)));
        Set<String> found = new TreeSet<>();
        cost.keys()
                .values()
                .forEach(k -> found.add(k.name() + " " + k.shape().toString().replace(" ", "")));
        assertThat(found).isEqualTo(expected);
        assertThat(cost.parameters()).isEqualTo(golden(name).get("parameters").longValue());
    }

    @ParameterizedTest
    @MethodSource("models")
    void computesWhatTheReferenceComputes(String name) throws IOException {
        JsonNode golden = golden(name);
        ModelCard card = REGISTRY.get(name);
        Map<String, StoredTensor> weights = weights(name, golden);
        Set<Output> outputs = outputs(card.network(), golden);
        Request request = new Request(card.network(), card.preprocessing(), outputs, Precision.FP32, Map.of());
        Path file = folder.resolve("model.onnx");
        new Converter().convert(Path.of(name), weights, request, GraphInput.TENSOR, file);
        List<String> faults = new ArrayList<>();
        int compared = 0;
        try (OnnxSession session = OnnxSession.open(file, new OnnxSession.Settings(Device.CPU, 0, true))) {
            for (JsonNode input : golden.get("inputs")) {
                Tensor image = Scheme.image(input.get("stream").textValue(), Goldens.ints(input.get("shape")));
                Map<String, Tensor> results = session.run(
                        "input", image, outputs.stream().map(Output::word).toList());
                for (Map.Entry<String, JsonNode> output : input.get("outputs").properties()) {
                    if (output.getValue().has("file")) {
                        compare(output.getKey(), output.getValue(), results, card, faults);
                        compared++;
                    }
                }
            }
        }
        assertThat(faults).isEmpty();
        assertThat(compared).isPositive();
    }

    private static Map<String, StoredTensor> weights(String name, JsonNode golden) {
        Set<String> sincos = new TreeSet<>();
        golden.get("sincos_pos_embed_keys").forEach(k -> sincos.add(k.textValue()));
        String prefix = golden.get("seed").textValue() + ":" + name + ":";
        Map<String, StoredTensor> weights = new LinkedHashMap<>();
        for (JsonNode entry : Goldens.json(golden.get("state_dict_file").textValue())) {
            String key = entry.get(0).textValue();
            int[] shape = Goldens.ints(entry.get(1));
            weights.put(
                    key,
                    sincos.contains(key)
                            ? StoredTensor.ofFloats(sincos(shape[2]), shape)
                            : Scheme.weight(prefix, key, shape));
        }
        return weights;
    }

    private static float[] sincos(int width) {
        double[] table = Goldens.npy("models/pos_embed_sincos_" + width + ".npy");
        float[] values = new float[table.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) table[i];
        }
        return values;
    }

    /** The default outputs, and the others that goldens are stored of. */
    private static Set<Output> outputs(Network network, JsonNode golden) {
        Set<Output> outputs = new TreeSet<>(network.defaultOutputs());
        for (JsonNode input : golden.get("inputs")) {
            input.get("outputs").properties().forEach(o -> {
                if (o.getValue().has("file")) {
                    outputs.add(GoldenOutputs.output(o.getKey(), network));
                }
            });
        }
        return outputs;
    }

    private static void compare(
            String kind, JsonNode golden, Map<String, Tensor> results, ModelCard card, List<String> faults) {
        Tensor found = Objects.requireNonNull(
                results.get(GoldenOutputs.output(kind, card.network()).word()));
        double[] expected = Goldens.npy(golden.get("file").textValue());
        float[] values = GoldenOutputs.values(kind, golden, found, expected.length);
        double apart = Goldens.relativeL2(values, expected);
        if (!(apart <= GoldenOutputs.tolerance(kind, found, TOLERANCE))) {
            faults.add(kind + ": relative L2 " + apart);
        }
    }
}
