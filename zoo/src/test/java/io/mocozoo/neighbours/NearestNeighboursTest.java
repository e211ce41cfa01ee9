package io.mocozoo.neighbours;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import io.mocozoo.neighbours.NearestNeighbours.Neighbour;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NearestNeighboursTest {
    private static final int WIDTH = 13;

    private final SplittableRandom random = new SplittableRandom(5);

    @Test
    void nearestAreThoseOfAPlainSort() {
        float[] queries = numbers(7 * WIDTH);
        float[] bank = numbers(900 * WIDTH);
        NearestNeighbours search = new NearestNeighbours(queries, WIDTH, 20);
        search.add(bank, IntStream.range(0, 900).map(i -> i % 10).toArray());
        for (int query = 0; query < 7; query++) {
            int row = query;
            List<Integer> expected = IntStream.range(0, 900)
                    .boxed()
                    .sorted(Comparator.comparingDouble(i -> -cosine(queries, row, bank, i)))
                    .limit(20)
                    .toList();
            List<Neighbour> found = search.of(query);
            assertThat(found).extracting(Neighbour::index).isEqualTo(expected);
            assertThat(found).allSatisfy(n -> {
                assertThat(n.label()).isEqualTo(n.index() % 10);
                assertThat((double) n.similarity()).isCloseTo(cosine(queries, row, bank, n.index()), offset(1e-6));
            });
        }
    }

    /** To the last bit, so that neither a tile nor a thread shows in what training and evaluation report. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4, 5, 63, 64, 65, 130, 3000})
    void similaritiesAreSummedInTheOrderOfTheDimensions(int width) {
        int rows = 700; // more than one tile
        int asked = 35; // more than one group
        float[] queries = withATie(asked, width);
        float[] bank = withATie(rows, width);
        NearestNeighbours search = new NearestNeighbours(queries, width, 5);
        search.add(bank, new int[rows]);
        float[] asQueries = normalised(queries, width);
        float[] features = normalised(bank, width);
        for (int query = 0; query < asked; query++) {
            float[] sums = new float[rows];
            for (int j = 0; j < rows; j++) {
                for (int d = 0; d < width; d++) {
                    sums[j] += asQueries[query * width + d] * features[j * width + d];
                }
            }
            assertThat(search.of(query))
                    .isEqualTo(IntStream.range(0, rows)
                            .boxed()
                            .sorted(Comparator.comparingDouble(i -> -sums[i])) // keeps the order of equals
                            .limit(5)
                            .map(i -> new Neighbour(i, 0, sums[i]))
                            .toList());
        }
    }

    /** The last row is the first again. */
    private float[] withATie(int rows, int width) {
        float[] numbers = numbers(rows * width);
        System.arraycopy(numbers, 0, numbers, (rows - 1) * width, width);
        return numbers;
    }

    private static float[] normalised(float[] rows, int width) {
        float[] result = new float[rows.length];
        for (int from = 0; from < rows.length; from += width) {
            double squares = 0;
            for (int i = from; i < from + width; i++) {
                squares += (double) rows[i] * rows[i];
            }
            for (int i = from; i < from + width; i++) {
                result[i] = (float) (rows[i] / Math.sqrt(squares));
            }
        }
        return result;
    }

    @Test
    void threadsChangeNothing() throws Exception {
        float[] queries = numbers(100 * WIDTH);
        float[] bank = numbers(3000 * WIDTH);
        List<List<Neighbour>> found = new ArrayList<>();
        for (int threads : new int[] {1, 5}) {
            NearestNeighbours search = new NearestNeighbours(queries, WIDTH, 30);
            ForkJoinPool pool = new ForkJoinPool(threads);
            pool.submit(() -> search.add(bank, new int[3000])).get();
            pool.shutdown();
            found.add(IntStream.range(0, 100)
                    .boxed()
                    .flatMap(query -> search.of(query).stream())
                    .toList());
        }
        assertThat(found.get(1)).isEqualTo(found.get(0));
    }

    @Test
    void blocksOfTheBankChangeNothing() {
        float[] queries = numbers(5 * WIDTH);
        float[] bank = numbers(400 * WIDTH);
        int[] labels = random.ints(400, 0, 6).toArray();
        NearestNeighbours whole = new NearestNeighbours(queries, WIDTH, 50);
        whole.add(bank, labels);
        NearestNeighbours pieces = new NearestNeighbours(queries, WIDTH, 50);
        for (int from = 0; from < 400; from += 37) {
            int to = Math.min(400, from + 37);
            pieces.add(Arrays.copyOfRange(bank, from * WIDTH, to * WIDTH), Arrays.copyOfRange(labels, from, to));
        }
        assertThat(pieces.size()).isEqualTo(400);
        for (int query = 0; query < 5; query++) {
            assertThat(pieces.of(query)).isEqualTo(whole.of(query));
        }
        assertThat(pieces.vote(50, 0.07)).isEqualTo(whole.vote(50, 0.07));
    }

    @Test
    void oneNearFeatureOutvotesManyFarOnesAtALowTemperature() {
        NearestNeighbours search = new NearestNeighbours(new float[] {1, 0}, 2, 4);
        search.add(new float[] {10, 0.1f, 1, 1, 1, 1, 1, 1}, 3, 1, 1, 1);
        assertThat(search.vote(4, 0.07)).containsExactly(3);
        assertThat(search.vote(4, 10)).containsExactly(1);
        assertThat(search.vote(1, 10)).containsExactly(3);
    }

    @Test
    void firstAddedIsNearerAmongEquals() {
        NearestNeighbours search = new NearestNeighbours(new float[] {0, 2}, 2, 2);
        search.add(new float[] {0, 1, 0, 5, 0, 3}, 7, 8, 9);
        assertThat(search.of(0)).containsExactly(new Neighbour(0, 7, 1), new Neighbour(1, 8, 1));
    }

    @Test
    void smallBankGivesWhatItHas() {
        NearestNeighbours search = new NearestNeighbours(new float[] {0, 2}, 2, 10);
        assertThatThrownBy(() -> search.vote(1, 1)).hasMessageContaining("empty");
        search.add(new float[] {0, 0}, 4);
        assertThat(search.of(0)).containsExactly(new Neighbour(0, 4, 0));
        assertThat(search.vote(10, 0.07)).containsExactly(4);
    }

    @Test
    void misfitsAreRefused() {
        assertThatThrownBy(() -> new NearestNeighbours(new float[3], 2, 1)).hasMessageContaining("whole features of 2");
        assertThatThrownBy(() -> new NearestNeighbours(new float[2], 2, 0)).hasMessageContaining("at least 1");
        NearestNeighbours search = new NearestNeighbours(new float[2], 2, 3);
        assertThatThrownBy(() -> search.add(new float[4], 1)).hasMessageContaining("expected 1 features of 2 numbers");
        assertThatThrownBy(() -> search.add(new float[] {1, 1, Float.NaN, 0}, 1, 1))
                .hasMessageContaining("feature 1 holds numbers that are not finite");
        assertThatThrownBy(() -> search.vote(4, 0.07)).hasMessageContaining("k in 1..3");
        assertThatThrownBy(() -> search.vote(1, 0)).hasMessageContaining("positive temperature");
    }

    @Test
    void featuresWithoutLabelsAreFoundButDoNotVote() {
        NearestNeighbours search = new NearestNeighbours(new float[] {0, 2}, 2, 2);
        search.add(new float[] {0, 1, 1, 0}, -1, 3);
        assertThat(search.of(0)).containsExactly(new Neighbour(0, -1, 1), new Neighbour(1, 3, 0));
        assertThatThrownBy(() -> search.vote(2, 0.07)).hasMessageContaining("feature 0 has no label to vote with");
    }

    private float[] numbers(int count) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) random.nextDouble(-1, 1);
        }
        return numbers;
    }

    private static double cosine(float[] queries, int query, float[] bank, int index) {
        double product = 0;
        double left = 0;
        double right = 0;
        for (int d = 0; d < WIDTH; d++) {
            double a = queries[query * WIDTH + d];
            double b = bank[index * WIDTH + d];
            product += a * b;
            left += a * a;
            right += b * b;
        }
        return product / Math.sqrt(left * right);
    }
}
