package io.mocozoo.cli;

import static io.mocozoo.cli.Shell.done;
import static io.mocozoo.cli.Shell.mocozoo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mocozoo.checkpoint.Npy;
import io.mocozoo.evaluate.file.ParquetFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.Util;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.io.LocalInputFile;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Features and scores of whole data sets as Parquet, read back by Parquet's own reader. */
class ParquetTest {
    @TempDir
    static Path folder;

    private static DrawnShapes shapes;

    @BeforeAll
    static void draws() throws IOException {
        shapes = DrawnShapes.in(folder);
        Files.writeString(shapes.data().resolve("val/bolt/broken.png"), "no picture");
    }

    /** A row; the label, or the values, are null where the file has none. */
    @SuppressWarnings("ArrayRecordComponent") // compared by their parts
    private record Row(String name, @Nullable Integer label, float @Nullable [] values) {}

    private static ParquetFileReader open(Path file) throws IOException {
        return ParquetFileReader.open(
                new LocalInputFile(file),
                ParquetReadOptions.builder(new PlainParquetConfiguration()).build());
    }

    private static List<Row> rows(Path file, String name, String vector) throws IOException {
        List<Row> rows = new ArrayList<>();
        var builder = new ParquetReader.Builder<Group>(new LocalInputFile(file), new PlainParquetConfiguration()) {
            @Override
            protected ReadSupport<Group> getReadSupport() {
                return new GroupReadSupport();
            }
        };
        try (ParquetReader<Group> reader = builder.build()) {
            for (Group row; (row = reader.read()) != null; ) {
                float[] values = null;
                if (row.getFieldRepetitionCount(vector) > 0) {
                    Group list = row.getGroup(vector, 0);
                    values = new float[list.getFieldRepetitionCount("list")];
                    for (int i = 0; i < values.length; i++) {
                        values[i] = list.getGroup("list", i).getFloat("element", 0);
                    }
                }
                rows.add(new Row(
                        row.getString(name, 0),
                        row.getFieldRepetitionCount("label") > 0 ? row.getInteger("label", 0) : null,
                        values));
            }
        }
        return rows;
    }

    /** What a kill leaves of a run: its subject, and blocks whose last is cut. */
    private static Path killed(Path whole, String name) throws IOException {
        Path cut = Files.createDirectories(folder.resolve(name));
        Files.copy(whole.resolve("provenance.json"), cut.resolve("provenance.json"));
        byte[] blocks = Files.readAllBytes(whole.resolve("results.blocks"));
        Files.write(cut.resolve("results.blocks"), Arrays.copyOf(blocks, blocks.length - 7));
        Files.writeString(cut.resolve(".features.parquet.01234567.part"), "half a file");
        return cut;
    }

    @Test
    void featuresAreThoseOfTheArrayAndTheTableBesideIt() throws IOException {
        Path out = folder.resolve("features");
        Path array = folder.resolve("array");
        assertThat(shapes.extract("val", out, "--format", "parquet").out()).contains("features.parquet: 100 rows");
        shapes.extract("val", array);
        assertThat(out.resolve("features.npy")).doesNotExist();
        assertThat(array.resolve("features.parquet")).doesNotExist();
        Npy.Array expected = Npy.read(array.resolve("features.npy"));
        int width = expected.shape()[1];
        float[] all = expected.toFloats();
        List<String> images = Files.readAllLines(array.resolve("images.csv"));
        assertThat(out.resolve("images.csv")).hasSameBinaryContentAs(array.resolve("images.csv"));
        List<Row> rows = rows(out.resolve("features.parquet"), "file", "features");
        assertThat(rows).hasSize(expected.shape()[0]).hasSize(DrawnShapes.VAL);
        for (int i = 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            assertThat(images).contains(row.name() + "," + row.label() + "," + i);
            assertThat(row.values()).isEqualTo(Arrays.copyOfRange(all, i * width, (i + 1) * width));
        }
    }

    @Test
    void aKilledRunAndOtherWorkersEndWithTheSameBytes() throws IOException {
        Path whole = folder.resolve("whole");
        shapes.extract("val", whole, "--format", "parquet");
        Path cut = killed(whole, "cut");
        shapes.extract("val", cut, "--format", "parquet", "--resume");
        Path other = folder.resolve("other");
        shapes.extract("val", other, "--format", "parquet", "--workers", "3", "--batch", "7");
        for (Path run : List.of(cut, other)) {
            for (String file : List.of("features.parquet", "images.csv", "failed.csv", "results.blocks")) {
                assertThat(run.resolve(file)).hasSameBinaryContentAs(whole.resolve(file));
            }
        }
    }

    @Test
    void aFinishedRunIsWrittenInTheOtherFormatTooAndProbeSaysHow() throws IOException {
        Path out = folder.resolve("both");
        shapes.extract("val", out, "--format", "parquet");
        String refused = mocozoo("probe", "--train", out, "--val", out).err();
        assertThat(refused).contains("features.parquet", "expected features as .npy", "--resume --format npy");
        shapes.extract("val", out, "--resume", "--format", "npy");
        Path array = folder.resolve("plain");
        shapes.extract("val", array);
        assertThat(out.resolve("features.npy")).hasSameBinaryContentAs(array.resolve("features.npy"));
        assertThat(mocozoo("probe", "--train", out, "--val", out).code()).isZero();
    }

    @Test
    void imagesWithoutLabelsHaveNone() throws IOException {
        Path out = folder.resolve("unlabelled");
        done(shapes.run(
                "extract",
                Embedded.MODEL,
                "--data",
                shapes.data().resolve("val/star"),
                "--out",
                out,
                "--format",
                "parquet"));
        assertThat(rows(out.resolve("features.parquet"), "file", "features"))
                .hasSize(10)
                .allMatch(row -> row.label() == null && row.values() != null);
    }

    @Test
    void scoresAreThoseOfTheArrayWithNothingForWhatCannotBeRead() throws IOException {
        Path array = folder.resolve("scores-npy");
        Path out = folder.resolve("scores-parquet");
        done(shapes.evaluate(array, "--scores", "--no-attention"));
        done(shapes.evaluate(out, "--scores-format", "parquet", "--no-attention"));
        assertThat(out.resolve("scores.npy")).doesNotExist();
        float[] all = Npy.read(array.resolve("scores.npy")).toFloats();
        List<String> predictions = Files.readAllLines(out.resolve("predictions.csv"));
        List<Row> rows = rows(out.resolve("scores.parquet"), "path", "logits");
        assertThat(rows).hasSize(DrawnShapes.VAL + 1);
        for (int i = 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            assertThat(predictions.get(i + 1)).startsWith(row.name() + "," + row.label() + ",");
            if (row.name().endsWith("broken.png")) {
                assertThat(row.values()).isNull();
            } else {
                assertThat(row.values()).isEqualTo(Arrays.copyOfRange(all, 10 * i, 10 * i + 10));
            }
        }
        Path cut = killed(out, "scores-cut");
        done(shapes.evaluate(cut, "--scores", "--scores-format", "parquet", "--no-attention", "--resume"));
        assertThat(cut.resolve("scores.parquet")).hasSameBinaryContentAs(out.resolve("scores.parquet"));
        try (ParquetFileReader reader = open(out.resolve("scores.parquet"))) {
            // the writer's own order is another in every process
            assertThat(footerEncodings(out.resolve("scores.parquet")))
                    .isNotEmpty()
                    .allSatisfy(encodings -> assertThat(encodings).isSorted().hasSizeGreaterThan(1));
            assertThat(reader.getFileMetaData().getKeyValueMetaData())
                    .containsEntry("classes", "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]");
        }
        assertThat(shapes.evaluate(folder.resolve("x"), "--scores-format", "csv")
                        .err())
                .contains("--scores-format: expected one of [npy, parquet], found 'csv'");
        assertThat(shapes.run("extract", Embedded.MODEL, "x.png", "--out", "f.npy", "--format", "parquet")
                        .err())
                .contains("--format goes with --data");
    }

    /** The encodings of each column as the footer has them. */
    private static List<List<Encoding>> footerEncodings(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int length = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(bytes.length - 8);
        FileMetaData metadata =
                Util.readFileMetaData(new ByteArrayInputStream(bytes, bytes.length - 8 - length, length));
        return metadata.getRow_groups().stream()
                .flatMap(group -> group.getColumns().stream())
                .map(column -> column.getMeta_data().getEncodings())
                .toList();
    }

    @Test
    void rowsGoToTheDiskInGroups() throws IOException {
        int width = 1 << 16;
        Path file = folder.resolve("wide.parquet");
        ParquetFile.Columns columns = new ParquetFile.Columns("file", Optional.empty(), "features", false);
        float[] values = new float[width];
        try (ParquetFile out = ParquetFile.create(file, columns, width, Map.of())) {
            for (int i = 0; i < 300; i++) {
                Arrays.fill(values, i);
                out.append("image " + i, -1, values);
            }
            assertThat(file).doesNotExist();
            assertThatThrownBy(() -> out.append("narrow", -1, new float[3]))
                    .hasMessageContaining("expected a vector of 65536 numbers, found 3");
            out.finish();
        }
        try (ParquetFileReader reader = open(file)) {
            assertThat(reader.getRowGroups())
                    .extracting(BlockMetaData::getRowCount)
                    .containsExactly(128L, 128L, 44L);
            assertThat(reader.getRowGroups())
                    .extracting(BlockMetaData::getTotalByteSize)
                    .allMatch(bytes -> bytes < 40L << 20);
        }
        try (ParquetFile thrownAway = ParquetFile.create(folder.resolve("none.parquet"), columns, 1, Map.of())) {
            thrownAway.append("a", -1, new float[1]);
        }
        assertThat(folder)
                .isDirectoryNotContaining(f -> f.getFileName().toString().contains("none.parquet"));
    }
}
