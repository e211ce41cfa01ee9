package io.mocozoo.train.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import io.mocozoo.network.MocoV3;
import io.mocozoo.network.Network;
import io.mocozoo.registry.ArchitectureJson;
import io.mocozoo.registry.RegistryException;

/** The network of a recipe. */
final class RecipeNetwork {
    private RecipeNetwork() {}

    /** Notes what is wrong with an architecture, by itself and for a method. */
    static void check(JsonNode architecture, Recipe.Method method, int frozenStages, Faults faults) {
        Network network;
        try {
            network = ArchitectureJson.read(architecture, "recipe");
        } catch (RegistryException e) {
            e.problems().forEach(faults::add);
            return;
        } catch (IllegalArgumentException e) { // of a network of such a size
            faults.add("architecture: " + e.getMessage());
            return;
        }
        boolean contrastive = method == Recipe.Method.MOCO_V3;
        faults.expect(
                contrastive == network instanceof MocoV3,
                "architecture",
                (contrastive ? "a projector and a predictor" : "a head") + " with the method " + method.word(),
                contrastive ? "a head" : "a projector and a predictor");
        int most = method == Recipe.Method.FINE_TUNE ? network.backbone().stages() : 0;
        faults.expect(
                frozenStages >= 0 && frozenStages <= most,
                "frozenStages",
                most == 0 ? "0 with the method " + method.word() : "0 to " + most + ", the stages of the backbone",
                frozenStages);
    }

    /** The network of an architecture that has been checked. */
    static Network of(JsonNode architecture) {
        try {
            return ArchitectureJson.read(architecture, "recipe");
        } catch (RegistryException e) {
            throw new IllegalStateException("the architecture of a recipe has changed behind its check", e);
        }
    }
}
