package io.mocozoo.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.registry.ModelCard;
import io.mocozoo.registry.Registry;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;

/** The model that ships with the program: its name, its checkpoint as a file, cards like its own, a picture for it. */
final class Embedded {
    static final String MODEL = "vit-tiny-p8_shapes";

    private Embedded() {}

    /** Its checkpoint, under its own name. */
    static Path checkpoint(Path folder) throws IOException {
        ModelCard.Weights weights = Registry.builtIn().get(MODEL).weights().orElseThrow();
        Path file = folder.resolve(weights.fileName());
        try (InputStream in = weights.uri().toURL().openStream()) {
            Files.write(file, in.readAllBytes());
        }
        return file;
    }

    /** A registry of cards with its network under other names, without weights, labels or results. */
    static Path registry(Path file, String... names) throws IOException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode root = json.createObjectNode().put("schema", 1);
        var models = root.putArray("models");
        for (String name : names) {
            ObjectNode card =
                    (ObjectNode) Shell.mocozoo("info", MODEL, "--cache", file.resolveSibling("cache"), "--json")
                            .json();
            card.remove(List.of("computed", "weights", "labels", "results", "license"));
            models.add(card.put("name", name));
        }
        Files.writeString(file, root.toString());
        return file;
    }

    /** A small PNG. */
    static Path picture(Path file, Color colour) throws IOException {
        BufferedImage image = new BufferedImage(70, 60, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(colour);
        graphics.fillOval(10, 5, 40, 45);
        graphics.dispose();
        ImageIO.write(image, "png", file.toFile());
        return file;
    }
}
