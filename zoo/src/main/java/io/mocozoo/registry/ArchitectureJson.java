package io.mocozoo.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.network.Backbone;
import io.mocozoo.network.Classifier;
import io.mocozoo.network.Mlp;
import io.mocozoo.network.MocoV3;
import io.mocozoo.network.Network;
import io.mocozoo.network.Positions;
import io.mocozoo.network.ResNet;
import io.mocozoo.network.VisionTransformer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A card's {@code architecture} to a network and back. */
public final class ArchitectureJson {
    private ArchitectureJson() {}

    /** Reads an architecture that stands alone; source names it in errors. */
    public static Network read(JsonNode node, String source) throws RegistryException {
        List<String> problems = new ArrayList<>();
        Optional<Network> network = read(new Fields(node, "architecture", problems));
        if (!problems.isEmpty() || network.isEmpty()) {
            throw new RegistryException(source, problems);
        }
        return network.get();
    }

    static Optional<Network> read(Fields fields) {
        Optional<Backbone> backbone = fields.object("backbone", true).flatMap(ArchitectureJson::backbone);
        Optional<Fields> head = fields.object("head", false);
        Optional<Fields> projector = fields.object("projector", false);
        Optional<Fields> predictor = fields.object("predictor", false);
        fields.end();
        if (head.isPresent() == projector.isPresent() || projector.isPresent() != predictor.isPresent()) {
            fields.problem(
                    "",
                    "either a head, or a projector and a predictor",
                    (head.isPresent() ? "head " : "")
                            + (projector.isPresent() ? "projector " : "")
                            + (predictor.isPresent() ? "predictor" : ""));
            return Optional.empty();
        }
        Optional<Integer> classes = head.map(ArchitectureJson::classes);
        Optional<Mlp> onFeatures = projector.flatMap(ArchitectureJson::mlp);
        Optional<Mlp> onProjection = predictor.flatMap(ArchitectureJson::mlp);
        return backbone.flatMap(b -> classes.isPresent()
                ? classes.map(c -> (Network) new Classifier(b, c))
                : onFeatures.flatMap(p -> onProjection.map(q -> (Network) new MocoV3(b, p, q))));
    }

    private enum Head {
        LINEAR
    }

    private static int classes(Fields fields) {
        fields.word("type", Head.values(), h -> "linear");
        int classes = fields.size("classes");
        fields.end();
        return classes;
    }

    private static Optional<Mlp> mlp(Fields fields) {
        try {
            return Optional.of(
                    new Mlp(fields.size("layers"), fields.size("hidden"), fields.size("out"), fields.flag("lastNorm")));
        } catch (IllegalArgumentException e) {
            fields.misfit("sizes of a network", e);
            return Optional.empty();
        } finally {
            fields.end();
        }
    }

    private enum Kind {
        RESNET("resnet"),
        VIT("vit");

        final String word;

        Kind(String word) {
            this.word = word;
        }
    }

    private static Optional<Backbone> backbone(Fields fields) {
        Kind kind = fields.word("type", Kind.values(), k -> k.word);
        try {
            return Optional.of(
                    switch (kind) {
                        case RESNET ->
                            new ResNet(fields.size("depth"), fields.size("stemChannels"), fields.size("baseChannels"));
                        case VIT ->
                            new VisionTransformer(
                                    fields.size("embedDim"),
                                    fields.size("depth"),
                                    fields.size("heads"),
                                    fields.size("mlpDim"),
                                    fields.size("patch"),
                                    fields.size("imageSize"),
                                    fields.word("positions", Positions.values(), Positions::word));
                    });
        } catch (IllegalArgumentException e) {
            fields.misfit("sizes that fit together", e);
            return Optional.empty();
        } finally {
            fields.end();
        }
    }

    /** The JSON form of a network, fields in the order of the documentation. */
    public static ObjectNode write(Network network) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.set("backbone", write(network.backbone()));
        if (network instanceof Classifier classifier) {
            json.putObject("head").put("type", "linear").put("classes", classifier.classes());
        } else if (network instanceof MocoV3 moco) {
            json.set("projector", write(moco.projector()));
            json.set("predictor", write(moco.predictor()));
        }
        return json;
    }

    private static ObjectNode write(Backbone backbone) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        if (backbone instanceof ResNet resnet) {
            json.put("type", Kind.RESNET.word)
                    .put("depth", resnet.depth())
                    .put("stemChannels", resnet.stemChannels())
                    .put("baseChannels", resnet.baseChannels());
        } else if (backbone instanceof VisionTransformer vit) {
            json.put("type", Kind.VIT.word)
                    .put("embedDim", vit.embedDim())
                    .put("depth", vit.depth())
                    .put("heads", vit.heads())
                    .put("mlpDim", vit.mlpDim())
                    .put("patch", vit.patch())
                    .put("imageSize", vit.imageSize())
                    .put("positions", vit.positions().word());
        }
        return json;
    }

    private static ObjectNode write(Mlp mlp) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("layers", mlp.layers())
                .put("hidden", mlp.hidden())
                .put("out", mlp.out())
                .put("lastNorm", mlp.lastNorm());
    }
}
