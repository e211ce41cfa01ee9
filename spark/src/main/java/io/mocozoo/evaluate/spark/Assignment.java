package io.mocozoo.evaluate.spark;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.evaluate.BlockWork;
import io.mocozoo.evaluate.Cluster;
import io.mocozoo.image.ImageLimits;
import io.mocozoo.registry.CardJson;
import io.mocozoo.registry.ModelCard;
import io.mocozoo.registry.Registry;
import io.mocozoo.runtime.Device;
import io.mocozoo.runtime.GraphFile;
import io.mocozoo.runtime.Labels;
import io.mocozoo.runtime.Model;
import java.io.IOException;
import java.io.Serializable;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkFiles;

/**
 * All an executor needs to work on a run, as something that travels; the ONNX files come through Spark's own files.
 *
 * @param run which run, unique in its JVM
 * @param card the model's card as JSON, without its addresses, which mean nothing elsewhere
 * @param graphs names of the ONNX files
 * @param device where to run
 * @param threads threads of one operator; 0 for one a core
 * @param evaluated classes whose logits count
 * @param flip whether the mirrored crop is asked too
 * @param batch images run at once
 * @param workers threads that read and decode for one block
 * @param maxPixels of an image
 * @param maxBytes of an image
 * @param images the data set
 */
record Assignment(
        String run,
        String card,
        List<String> graphs,
        String device,
        int threads,
        List<Integer> evaluated,
        boolean flip,
        int batch,
        int workers,
        long maxPixels,
        long maxBytes,
        Images images)
        implements Serializable {
    static Assignment of(String run, Cluster.Job job, Images images) {
        ObjectNode card = CardJson.write(job.card());
        card.remove(List.of("labels", "weights"));
        BlockWork.Settings settings = job.images();
        return new Assignment(
                run,
                card.toString(),
                job.graphs().stream().map(g -> String.valueOf(g.getFileName())).toList(),
                job.device().toString(),
                job.threads(),
                settings.evaluated(),
                settings.flip(),
                settings.batch(),
                settings.workers(),
                settings.limits().maxPixels(),
                settings.limits().maxBytes(),
                images);
    }

    /** The model from the files this machine has been sent; the caller closes it. */
    Model model() throws IOException {
        String registry = "{\"schema\": 1, \"models\": [" + card + "]}";
        String name = name();
        ModelCard read = Registry.builtIn()
                .with(registry.getBytes(StandardCharsets.UTF_8), "the driver's card", URI.create("file:///"))
                .get(name);
        List<GraphFile> files = new ArrayList<>();
        for (String graph : graphs) {
            files.add(GraphFile.check(
                    Path.of(SparkFiles.get(graph)),
                    read.network(),
                    read.preprocessing().crop()));
        }
        return new Model(read, Labels.NONE, files, new Model.Settings(Device.of(device), threads, batch, limits()));
    }

    private String name() throws IOException {
        return new com.fasterxml.jackson.databind.ObjectMapper()
                .readTree(card)
                .get("name")
                .textValue();
    }

    private ImageLimits limits() {
        return new ImageLimits(maxPixels, maxBytes);
    }

    BlockWork.Settings settings() {
        return new BlockWork.Settings(evaluated, flip, batch, workers, limits());
    }
}
