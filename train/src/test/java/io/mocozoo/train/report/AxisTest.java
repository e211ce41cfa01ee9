package io.mocozoo.train.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AxisTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "0.0125, 0.0125",
        "0.0009999, 0.001",
        "3.20000001, 3.2",
        "100, 100",
        "1234, '1,234'",
        "45600, 45.6k",
        "1200000, 1.2M",
        "3e9, 3G",
        "0.000003, 3e-6",
        "-2.5, -2.5"
    })
    void numbersAreShort(double value, String text) {
        assertThat(Axis.text(value)).isEqualTo(text);
    }

    @Test
    void ticksAreRound() {
        assertThat(new Axis(0, 1000, false).ticks(4)).containsExactly(0.0, 200.0, 400.0, 600.0, 800.0, 1000.0);
        assertThat(new Axis(0.9, 2100, true).ticks(5).stream().map(Axis::text))
                .containsExactly("1", "10", "100", "1,000");
        assertThat(new Axis(2.9, 3.1, true).ticks(4)).isNotEmpty();
    }

    @RepeatedTest(50)
    void ticksLieWithinTheAxisAndAreNeitherNoneNorMany(RepetitionInfo repetition) {
        SplittableRandom random = new SplittableRandom(repetition.getCurrentRepetition());
        double least = Math.pow(10, random.nextDouble(-8, 8));
        double greatest = least * Math.pow(10, random.nextDouble(0.01, 6));
        for (boolean logarithmic : new boolean[] {false, true}) {
            Axis axis = Axis.around(least, greatest, logarithmic);
            List<Double> ticks = axis.ticks(5);
            assertThat(ticks).as("%s", axis).hasSizeBetween(2, 9);
            assertThat(ticks.stream().mapToDouble(axis::at)).allMatch(at -> at > -1e-9 && at < 1 + 1e-9);
            assertThat(axis.at(least)).isBetween(0.0, 1.0);
        }
    }
}
