package io.mocozoo.runtime;

import io.mocozoo.Zoo;
import java.nio.file.Path;

/** One prediction in a process of its own. */
final class LongCommandLineMain {
    private LongCommandLineMain() {}

    public static void main(String[] args) throws Exception {
        try (Zoo zoo = EmbeddedModel.zoo(Path.of(args[0]));
                Model model = zoo.configure(EmbeddedModel.NAME).open()) {
            System.out.println(
                    "predicted " + model.predict(EmbeddedModel.noise(1)).predLabel());
        }
    }
}
