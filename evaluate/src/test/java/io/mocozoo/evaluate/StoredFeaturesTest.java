package io.mocozoo.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mocozoo.checkpoint.Npy;
import io.mocozoo.neighbours.NearestNeighbours;
import io.mocozoo.neighbours.NearestNeighbours.Neighbour;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

class StoredFeaturesTest {
    @TempDir
    Path folder;

    /** The table beside the features; one image could not be read. */
    private void images(int rows) throws IOException {
        List<String> lines = new ArrayList<>(List.of("path,label,row", "broken.jpg,3,"));
        for (int i = 0; i < rows; i++) {
            lines.add("image" + i + ".jpg," + i % 7 + "," + i);
        }
        Files.write(folder.resolve("images.csv"), lines);
    }

    /** More than an array holds, and more than the heap of the tests; a hole for the most part. */
    @Test
    @EnabledIfSystemProperty(
            named = "mocozoo.full",
            matches = "true",
            disabledReason = "searches 2.3 GB; the profile full runs it")
    void theNearestOfMoreThanTwoGibibytesIsFound() throws IOException {
        int rows = 140_000;
        int width = 4096;
        Path file = folder.resolve("features.npy");
        ByteBuffer first = ByteBuffer.allocate(128).order(ByteOrder.LITTLE_ENDIAN);
        try (Npy.Writer writer = new Npy.Writer(file, width)) {
            writer.append(new float[width]);
            writer.finish();
        }
        try (RandomAccessFile large = new RandomAccessFile(file.toFile(), "rw")) {
            large.readFully(first.array());
            String header = new String(first.array(), StandardCharsets.ISO_8859_1);
            large.seek(0);
            large.write(header.replace("(1, 4096), }     ", "(140000, 4096), }").getBytes(StandardCharsets.ISO_8859_1));
            large.setLength(128 + 4L * rows * width);
            large.seek(128 + 4L * width * 139_000);
            large.write(new byte[] {0, 0, (byte) 0x80, 0x3f, 0, 0, (byte) 0x80, 0x3f}); // 1, 1
        }
        images(rows);
        float[] query = new float[width];
        query[1] = 3;
        try (StoredFeatures features = StoredFeatures.open(folder)) {
            assertThat(features.count()).isEqualTo(rows);
            assertThat(features.unreadable()).isEqualTo(1);
            NearestNeighbours nearest = new NearestNeighbours(query, width, 1);
            features.forEachBlock(nearest::add);
            assertThat(nearest.size()).isEqualTo(rows);
            Neighbour found = nearest.of(0).get(0);
            assertThat(found).isEqualTo(new Neighbour(139_000, 139_000 % 7, (float) Math.sqrt(0.5)));
            assertThat(features.path(found.index())).isEqualTo("image139000.jpg");
        }
        Files.delete(file);
    }

    @Test
    void tablesThatDoNotFitAreRefused() throws IOException {
        Npy.write(folder.resolve("features.npy"), new int[] {3, 2}, new float[6]);
        images(2);
        assertThatThrownBy(() -> StoredFeatures.open(folder)).hasMessageContaining("expected 3 images, found 2");
        Files.write(folder.resolve("images.csv"), List.of("path,label,row", "a.jpg,x,0"));
        assertThatThrownBy(() -> StoredFeatures.open(folder)).hasMessageContaining("expected a label and row 0 of 3");
        images(3);
        try (StoredFeatures features = StoredFeatures.open(folder)) {
            assertThat(features.label(2)).isEqualTo(2);
        }
        assertThatThrownBy(() -> StoredFeatures.of(new float[3], 2, new int[1], List.of("a"), 0))
                .hasMessageContaining("3 numbers, rows of 2");
    }
}
