package io.mocozoo.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import io.mocozoo.Zoo;
import io.mocozoo.cli.RunFiles;
import io.mocozoo.data.Dataset;
import io.mocozoo.data.Datasets;
import io.mocozoo.data.Shapes;
import io.mocozoo.evaluate.Evaluation;
import io.mocozoo.evaluate.Unreadable;
import io.mocozoo.evaluate.VectorFormat;
import io.mocozoo.evaluate.Wanted;
import io.mocozoo.evaluate.file.RunException;
import io.mocozoo.image.ImageLimits;
import io.mocozoo.runtime.Device;
import io.mocozoo.runtime.Model;
import io.mocozoo.store.Progress;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A disk that fills while a run writes to it, and is cleared afterwards. */
class FullDiskTest {
    private static final String MODEL = "vit-tiny-p8_shapes";
    private static final int IMAGES = 600;
    private static final int CELL_BYTES = 1024;
    private static final int DISK_BYTES = 4 << 20;

    @TempDir
    static Path folder;

    private static Zoo zoo;
    private static Model model;
    private static Dataset data;
    private static Path whole;

    @BeforeAll
    static void evaluatesOnce() throws Exception {
        Path shapes = folder.resolve("shapes");
        Shapes.write(shapes, "val", IMAGES, 1);
        data = Datasets.open(shapes, "val");
        zoo = Zoo.builder()
                .cache(folder.resolve("cache"))
                .device(Device.CPU)
                .batch(32)
                .build();
        model = zoo.configure(MODEL).open();
        whole = folder.resolve("whole");
        assertThat(evaluate(whole, false).complete()).isTrue();
    }

    @AfterAll
    static void closes() {
        model.close();
        zoo.close();
    }

    private static Evaluation.Outcome evaluate(Path out, boolean resume) throws IOException, InterruptedException {
        Evaluation.Settings settings = new Evaluation.Settings(
                data,
                out,
                resume,
                32,
                2,
                ImageLimits.DEFAULT,
                false,
                Unreadable.WRONG,
                Optional.empty(),
                Wanted.USUAL,
                Optional.of(VectorFormat.NPY),
                "test",
                Optional.empty(),
                Progress.NONE,
                () -> false);
        return new Evaluation(model, new ObjectMapper().createObjectNode(), settings).run();
    }

    /** A disk with so many cells free. */
    private static FileSystem disk(int freeCells) throws IOException {
        FileSystem disk = Jimfs.newFileSystem(Configuration.unix().toBuilder()
                .setBlockSize(CELL_BYTES)
                .setMaxSize(DISK_BYTES)
                .build());
        Files.write(disk.getPath("/filler"), new byte[DISK_BYTES - freeCells * CELL_BYTES]);
        return disk;
    }

    private static void same(Path run) throws IOException {
        for (String file : RunFiles.SAME) {
            assertThat(Files.readAllBytes(run.resolve(file)))
                    .as(file)
                    .isEqualTo(Files.readAllBytes(whole.resolve(file)));
        }
    }

    @Test
    void givenRoomForOneBlock_whenTheDiskFills_thenItSaysWhatIsKeptAndGoesOnWithTheSameBytes() throws Exception {
        try (FileSystem disk = disk(24)) { // provenance.json takes 1 or 2 cells, a block of 256 images 14
            Path run = disk.getPath("/run");
            assertThat(catchThrowable(() -> evaluate(run, false)))
                    .isInstanceOf(RunException.class)
                    .hasMessageContaining("/run/results.blocks cannot be written: out of disk space")
                    .hasMessageContaining("256 images are kept, make room and go on with --resume");
            Files.delete(disk.getPath("/filler"));
            assertThat(evaluate(run, true).complete()).isTrue();
            same(run);
            assertThat(new ObjectMapper()
                            .readTree(Files.readAllBytes(run.resolve("run.json")))
                            .get("imagesBefore")
                            .intValue())
                    .isEqualTo(256);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 4, 15, 30, 36, 40, 60, 90, 120})
    void whereverTheDiskFills_theRunGoesOnWithTheSameBytes(int freeCells) throws Exception {
        try (FileSystem disk = disk(freeCells)) {
            Path run = disk.getPath("/run");
            Throwable full = catchThrowable(() -> evaluate(run, false));
            assertThat(full)
                    .isInstanceOf(IOException.class)
                    .hasMessageMatching("(?s).*(out of disk space|disk full).*");
            if (Files.exists(run.resolve("results.blocks"))) {
                assertThat(full).hasMessageContaining("go on with --resume");
            }
            Files.delete(disk.getPath("/filler"));
            assertThat(evaluate(run, true).complete()).isTrue();
            same(run);
        }
    }
}
