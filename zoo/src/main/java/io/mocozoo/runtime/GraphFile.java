package io.mocozoo.runtime;

import io.mocozoo.network.Cost;
import io.mocozoo.network.Network;
import io.mocozoo.network.Output;
import io.mocozoo.onnx.ElementType;
import io.mocozoo.onnx.GraphInput;
import io.mocozoo.onnx.OnnxFormatException;
import io.mocozoo.onnx.OnnxHeader;
import io.mocozoo.onnx.ValueInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An ONNX file that fits a model: what it is fed and where its results are.
 *
 * @param path the file
 * @param input what it is fed
 * @param inputName under which name
 * @param outputs names of its results
 */
public record GraphFile(Path path, GraphInput input, String inputName, Map<Output, String> outputs) {
    public GraphFile {
        outputs = Collections.unmodifiableMap(new EnumMap<>(outputs));
    }

    /**
     * Judges a file of any origin by its header: safe to open, one input of pixels or of a normalised tensor, results
     * of the model's shapes under the names of {@link Output}. A classifier's only output may have any name.
     *
     * @param network what the file should compute
     * @param side of the images the card crops to, in pixels
     */
    public static GraphFile check(Path path, Network network, int side) throws IOException {
        OnnxHeader header = OnnxHeader.read(path);
        header.checkSafe(path);
        if (header.inputs().size() != 1) {
            throw new OnnxFormatException(
                    path,
                    "expected one input, found "
                            + header.inputs().stream().map(ValueInfo::name).toList());
        }
        ValueInfo fed = header.inputs().get(0);
        GraphInput input = kind(path, fed, side);
        String batch = fed.dims().get(0);
        if (ValueInfo.isFixed(batch)) {
            throw new OnnxFormatException(
                    path,
                    "expected a first size n that may be any batch, found " + batch
                            + "; export it again with a dynamic batch");
        }
        Map<Output, List<Integer>> shapes = Cost.of(network, side, side).shapes();
        Map<Output, String> outputs = new EnumMap<>(Output.class);
        List<String> faults = new ArrayList<>();
        for (ValueInfo info : header.outputs()) {
            Output output = output(info, header.outputs().size(), network);
            if (output == null) {
                continue;
            }
            List<Integer> expected = Objects.requireNonNull(shapes.get(output));
            if (info.elementType() != ElementType.FLOAT.code() || !fits(info.dims(), expected)) {
                faults.add("output " + info.name() + ": expected float32 [n, " + join(expected) + "], found "
                        + ElementType.name(info.elementType()) + " " + info.dims());
            }
            outputs.put(output, info.name());
        }
        if (outputs.isEmpty()) {
            faults.add("expected outputs named as "
                    + network.outputs().stream().map(Output::word).toList() + ", found "
                    + header.outputs().stream().map(ValueInfo::name).toList());
        }
        if (!faults.isEmpty()) {
            throw new OnnxFormatException(path, "does not fit the model:\n  " + String.join("\n  ", faults));
        }
        return new GraphFile(path, input, fed.name(), outputs);
    }

    private static String join(List<Integer> sizes) {
        return sizes.toString().replace("[", "").replace("]", "");
    }

    private static GraphInput kind(Path path, ValueInfo fed, int side) throws OnnxFormatException {
        if (fed.elementType() == ElementType.FLOAT.code() && fits(fed.dims(), List.of(3, side, side))) {
            return GraphInput.TENSOR;
        }
        if (fed.elementType() == ElementType.UINT8.code() && fits(fed.dims(), List.of(side, side, 3))) {
            return GraphInput.PIXELS;
        }
        throw new OnnxFormatException(
                path,
                "expected an input of float32 [n, 3, " + side + ", " + side + "] or uint8 [n, " + side + ", " + side
                        + ", 3], found " + fed.name() + " of " + ElementType.name(fed.elementType()) + " "
                        + fed.dims());
    }

    /** Whether sizes, of which symbols fit anything, are a batch of the expected ones. */
    private static boolean fits(List<String> dims, List<Integer> expected) {
        if (dims.size() != expected.size() + 1) {
            return false;
        }
        for (int i = 0; i < expected.size(); i++) {
            String dim = dims.get(i + 1);
            if (ValueInfo.isFixed(dim) && !dim.equals(String.valueOf(expected.get(i)))) {
                return false;
            }
        }
        return true;
    }

    private static @Nullable Output output(ValueInfo info, int count, Network network) {
        for (Output output : network.outputs()) {
            if (output.word().equals(info.name())) {
                return output;
            }
        }
        return count == 1 && network.outputs().contains(Output.LOGITS) ? Output.LOGITS : null;
    }
}
