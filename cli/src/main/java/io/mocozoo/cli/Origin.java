package io.mocozoo.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.ModelBuilder;
import io.mocozoo.onnx.GraphInput;
import io.mocozoo.runtime.Device;
import io.mocozoo.runtime.Engine;
import io.mocozoo.runtime.GraphFile;
import io.mocozoo.store.Progress;
import io.mocozoo.store.Sha256;
import io.mocozoo.store.StoredFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Where a run's model comes from, for its provenance. */
final class Origin {
    private Origin() {}

    /** Digests and versions of all that results depend on. */
    static ObjectNode of(Invocation call, ModelBuilder builder) throws IOException, UsageException {
        StoredFile source = builder.source();
        GraphFile graph = graph(builder.prepare());
        ObjectNode origin = Console.mapper().createObjectNode();
        origin.putObject("weights")
                .put("file", String.valueOf(source.path().getFileName()))
                .put("sha256", source.sha256());
        origin.putObject("graph")
                .put("file", String.valueOf(graph.path().getFileName()))
                .put("sha256", Sha256.of(graph.path(), Progress.NONE));
        List<String> devices = new ArrayList<>();
        for (Device device : call.devices()) {
            devices.add(Engine.choose(device).toString());
        }
        origin.put("device", String.join(",", devices));
        origin.putObject("versions").put("mocozoo", Main.version()).put("onnxruntime", Engine.version());
        return origin;
    }

    /** The one that images go through. */
    static GraphFile graph(List<GraphFile> graphs) {
        return graphs.stream()
                .filter(g -> g.input() == GraphInput.PIXELS)
                .findFirst()
                .orElse(graphs.get(0));
    }
}
