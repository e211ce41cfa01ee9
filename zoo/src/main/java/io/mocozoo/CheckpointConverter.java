package io.mocozoo;

import io.mocozoo.checkpoint.StoredTensor;
import io.mocozoo.image.Preprocessing;
import io.mocozoo.network.Network;
import io.mocozoo.network.Output;
import io.mocozoo.onnx.GraphInput;
import io.mocozoo.onnx.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Turns weights into ONNX files. Found by {@link java.util.ServiceLoader}; the artifact {@code mocozoo-convert}
 * provides it.
 */
public interface CheckpointConverter {
    /**
     * Changes whenever the files a converter writes do; part of the key they are cached under. It stands here so that
     * what is in a cache is found without a converter.
     */
    String VERSION = "1";

    /**
     * Writes a graph for each kind of input, and one file of weights they share, into a folder.
     *
     * @param source what the weights came from, named in errors
     * @param weights a state dict of any known layout
     * @param request what to write
     * @param folder exists; what it holds of the same names is replaced
     * @return what was done
     * @throws io.mocozoo.checkpoint.CheckpointFormatException if keys are missing or misshapen; names all
     */
    Report convert(Path source, Map<String, StoredTensor> weights, Request request, Path folder) throws IOException;

    /** The name of the graph for an input in a folder. */
    static String fileName(GraphInput input) {
        return input.word() + ".onnx";
    }

    /**
     * What to write.
     *
     * @param network the layers
     * @param preprocessing normalisation for graphs of pixels
     * @param outputs results the graphs give
     * @param precision of weights and arithmetic
     * @param origin what goes into the files' metadata about where the weights come from, such as their digest
     */
    record Request(
            Network network,
            Preprocessing preprocessing,
            Set<Output> outputs,
            Precision precision,
            Map<String, String> origin) {
        public Request {
            if (outputs.isEmpty() || !network.outputs().containsAll(outputs)) {
                throw new IllegalArgumentException("outputs must be some of "
                        + network.outputs().stream().map(Output::word).toList() + ", found "
                        + outputs.stream().map(Output::word).toList());
            }
            outputs = Collections.unmodifiableSet(EnumSet.copyOf(outputs));
            origin = Collections.unmodifiableMap(new TreeMap<>(origin));
        }
    }

    /**
     * What was written.
     *
     * @param layout the naming the keys had
     * @param files what was written
     * @param opset ONNX's operator set
     * @param weightBytes bytes of weights in the graph
     * @param spareKeys keys of the checkpoint the network does not have
     * @param selfCheck largest differences from a plain graph of the same weights, by input kind and output
     * @param selfCheckSeconds time the check took, after the files were written
     */
    record Report(
            String layout,
            List<Path> files,
            long opset,
            long weightBytes,
            List<String> spareKeys,
            Map<GraphInput, Map<Output, Difference>> selfCheck,
            double selfCheckSeconds) {
        public Report {
            files = List.copyOf(files);
            spareKeys = List.copyOf(spareKeys);
            selfCheck = Collections.unmodifiableMap(new EnumMap<>(selfCheck));
        }
    }

    /**
     * How far two results are apart.
     *
     * @param maxAbsolute the largest difference of two values
     * @param relativeL2 length of the difference over length of the plain result
     */
    record Difference(double maxAbsolute, double relativeL2) {}
}
