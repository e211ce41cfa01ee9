package io.mocozoo.train.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CurveTest {
    @Test
    void fewLinesAreKeptOneByOne() {
        Curve curve = new Curve("loss", 3);
        curve.add(0, 1, 5);
        curve.add(1, 2, 4);
        curve.add(2, 3, 6);
        assertThat(curve.spans())
                .containsExactly(
                        new Curve.Span(1, 1, 5, 5, 5), new Curve.Span(2, 2, 4, 4, 4), new Curve.Span(3, 3, 6, 6, 6));
        assertThat(curve.extremes()).isEqualTo(new Curve.Extremes(3, 6, 4, 6, 3));
    }

    @ParameterizedTest
    @ValueSource(ints = {361, 719, 720, 100_003})
    void spansHoldLeastMedianAndGreatestOfAllTheirValues(int lines) {
        double[] values = new SplittableRandom(lines).doubles(lines).toArray();
        Curve curve = new Curve("loss", lines);
        for (int i = 0; i < lines; i++) {
            curve.add(i, i + 1, values[i]);
        }
        List<Curve.Span> spans = curve.spans();
        assertThat(spans).hasSizeBetween(Curve.MOST_SPANS / 2, Curve.MOST_SPANS);
        int next = 0;
        for (Curve.Span span : spans) {
            assertThat(span.from()).isEqualTo(next + 1);
            double[] sorted = Arrays.copyOfRange(values, next, (int) span.to());
            Arrays.sort(sorted);
            assertThat(span.least()).isEqualTo(sorted[0]);
            assertThat(span.greatest()).isEqualTo(sorted[sorted.length - 1]);
            assertThat(span.median()).isEqualTo((sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2);
            next = (int) span.to();
        }
        assertThat(next).isEqualTo(lines);
    }

    @Test
    void spansTooLongToKeepStillHaveTheirExtremesAndNearlyTheirMedian() {
        long lines = 20_000_000;
        Curve curve = new Curve("loss", lines);
        for (long i = 0; i < 60_000; i++) { // the first span has 55,556 lines
            curve.add(i, i + 1, i == 12_345 ? -1 : i == 23_456 ? 1e6 : i);
        }
        Curve.Span first = curve.spans().get(0);
        assertThat(first.least()).isEqualTo(-1);
        assertThat(first.greatest()).isEqualTo(1e6);
        assertThat(first.median()).isBetween(27_700.0, 27_850.0);
    }
}
