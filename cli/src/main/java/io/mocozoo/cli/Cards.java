package io.mocozoo.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.registry.CardJson;
import io.mocozoo.registry.ModelCard;
import io.mocozoo.registry.Registry;
import java.util.Objects;

/** Cards as they are shown. */
final class Cards {
    private static final String REGISTRY = "registry.json";

    /** Where what ships with the cards lies: in a jar, whose address on this machine tells a reader nothing. */
    private static final String SHIPPED = Objects.requireNonNull(
                    Registry.class.getResource(REGISTRY), "registry.json is missing from the jar")
            .toString()
            .replaceFirst(REGISTRY + "$", "");

    private Cards() {}

    /** A card as JSON; addresses of what ships with the program are relative to it, as in its own registry.json. */
    static ObjectNode json(ModelCard card) {
        ObjectNode json = CardJson.write(card);
        card.labels().ifPresent(l -> json.put("labels", shown(l)));
        if (json.get("weights") instanceof ObjectNode weights) {
            weights.put("url", shown(weights.path("url").asText()));
        }
        return json;
    }

    /** An address as it is shown. */
    static String shown(String address) {
        return address.startsWith(SHIPPED) ? address.substring(SHIPPED.length()) : address;
    }

    /** Whether an address leads to what ships with the program. */
    static boolean ships(String address) {
        return address.startsWith(SHIPPED);
    }
}
