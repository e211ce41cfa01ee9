package io.mocozoo.cli;

import io.mocozoo.ModelBuilder;
import io.mocozoo.image.ImageLimits;
import io.mocozoo.runtime.Device;
import io.mocozoo.runtime.Model;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A model opened on several devices; owns native memory. */
record Sessions(List<Model> models) implements AutoCloseable {
    /** Opens one on each device, or none at all. */
    static Sessions open(ModelBuilder builder, List<Device> devices, int threads, int batch, ImageLimits limits)
            throws IOException {
        List<Model> models = new ArrayList<>();
        try {
            for (Device device : devices) {
                models.add(builder.settings(new Model.Settings(device, threads, batch, limits))
                        .open());
            }
        } catch (IOException | RuntimeException e) {
            models.forEach(Model::close);
            throw e;
        }
        return new Sessions(List.copyOf(models));
    }

    @Override
    public void close() {
        models.forEach(Model::close);
    }
}
