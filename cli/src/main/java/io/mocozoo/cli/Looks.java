package io.mocozoo.cli;

import io.mocozoo.ModelBuilder;
import io.mocozoo.Zoo;
import io.mocozoo.evaluate.AttentionMap;
import io.mocozoo.image.Preprocessing;
import io.mocozoo.runtime.Model;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** A second model over the same weights, which shows where the first one looks; none for an ONNX file of one's own. */
record Looks(Optional<Model> model, Optional<AttentionMap> map) implements AutoCloseable {
    static Looks none() {
        return new Looks(Optional.empty(), Optional.empty());
    }

    static Looks of(Invocation call, Zoo zoo, Preprocessing preprocessing) throws IOException, UsageException {
        if (call.text("weights").filter(w -> ModelBuilder.isOnnx(Path.of(w))).isPresent()) {
            return none();
        }
        Model model = call.model(zoo, call.name())
                .preprocessing(preprocessing)
                .outputs(AttentionMap.output(call.card(zoo, call.name()).network()))
                .open();
        return new Looks(Optional.of(model), Optional.of(new AttentionMap(model)));
    }

    @Override
    public void close() {
        model.ifPresent(Model::close);
    }
}
