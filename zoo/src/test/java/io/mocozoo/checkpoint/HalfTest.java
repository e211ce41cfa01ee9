package io.mocozoo.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HalfTest {
    @Test
    void knownValuesAreExact() {
        assertThat(Half.toFloat((short) 0x0001)).isEqualTo(0x1p-24f);
        assertThat(Half.toFloat((short) 0x7bff)).isEqualTo(65504);
        assertThat(Half.toFloat((short) 0x8000)).isEqualTo(-0f);
        assertThat(Half.toFloat((short) 0xfc00)).isEqualTo(Float.NEGATIVE_INFINITY);
        assertThat(Half.toFloat((short) 0x7e00)).isNaN();
        assertThat(Half.bfloat16ToFloat((short) 0x3fc0)).isEqualTo(1.5f);
        assertThat(Half.bfloat16ToFloat((short) 0x0001)).isEqualTo(0x1p-133f);
    }

    @Test
    void everyHalfSurvivesTheWayThereAndBack() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            short half = (short) bits;
            short back = Half.fromFloat(Half.toFloat(half));
            short backB = Half.bfloat16FromFloat(Half.bfloat16ToFloat(half));
            if (Float.isNaN(Half.toFloat(half))) {
                assertThat(Half.toFloat(back)).isNaN();
            } else {
                assertThat(back).isEqualTo(half);
            }
            if (Float.isNaN(Half.bfloat16ToFloat(half))) {
                assertThat(Half.bfloat16ToFloat(backB)).isNaN();
            } else {
                assertThat(backB).isEqualTo(half);
            }
        }
    }

    @Test
    void whatLiesBetweenGoesToTheNearestAndTiesToEven() {
        for (int bits = 0; bits < 0x7bff; bits++) {
            double low = Half.toFloat((short) bits);
            double high = Half.toFloat((short) (bits + 1));
            float middle = (float) ((low + high) / 2); // exact: one more bit
            assertThat(Half.fromFloat(middle)).isEqualTo((short) (bits % 2 == 0 ? bits : bits + 1));
            assertThat(Half.fromFloat(Math.nextDown(middle))).isEqualTo((short) bits);
            assertThat(Half.fromFloat(Math.nextUp(middle))).isEqualTo((short) (bits + 1));
        }
        assertThat(Half.toFloat(Half.fromFloat(65519.996f))).isEqualTo(65504);
        assertThat(Half.toFloat(Half.fromFloat(65520))).isInfinite();
    }
}
