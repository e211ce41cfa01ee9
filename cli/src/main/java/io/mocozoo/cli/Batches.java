package io.mocozoo.cli;

import io.mocozoo.image.ImageDecoder;
import io.mocozoo.image.ImageLimits;
import io.mocozoo.image.RgbImage;
import io.mocozoo.store.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Image files decoded and handed on a batch at a time; one that cannot be read is named, the others go on. */
final class Batches {
    /** What is done with decoded images. */
    @FunctionalInterface
    interface Use {
        void apply(List<Path> files, List<RgbImage> images) throws IOException;
    }

    private Batches() {}

    /**
     * Decodes in parallel within a batch, keeps the order.
     *
     * @return the files that could not be read
     */
    static List<Path> forEach(List<Path> files, int batch, ImageLimits limits, Console console, String command, Use use)
            throws IOException {
        List<Path> bad = new ArrayList<>();
        try (Progress.Work progress = console.progress(" images", 1).start(command, files.size())) {
            for (int from = 0; from < files.size(); from += batch) {
                List<Path> some = files.subList(from, Math.min(files.size(), from + batch));
                @Nullable
                Object[] results = IntStream.range(0, some.size())
                        .parallel()
                        .mapToObj(i -> decode(some.get(i), limits))
                        .toArray();
                List<Path> good = new ArrayList<>();
                List<RgbImage> images = new ArrayList<>();
                for (int i = 0; i < results.length; i++) {
                    if (Objects.requireNonNull(results[i]) instanceof RgbImage image) {
                        good.add(some.get(i));
                        images.add(image);
                    } else {
                        bad.add(some.get(i));
                        console.err().println("mocozoo " + command + ": " + results[i]);
                    }
                }
                if (!good.isEmpty()) {
                    use.apply(good, images);
                }
                progress.at(from + some.size());
            }
        }
        return bad;
    }

    /** The image, or why there is none. */
    private static Object decode(Path file, ImageLimits limits) {
        try {
            return ImageDecoder.decode(file, limits);
        } catch (IOException e) {
            return Optional.ofNullable(Main.reason(e)).orElse(file.toString());
        }
    }
}
