package io.mocozoo.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import io.mocozoo.image.RgbImage;
import org.junit.jupiter.api.Test;

class AttentionMapTest {
    @Test
    void headsAreAveragedAndTheClassTokenIsLeftOut() {
        float[] attention = {0.9f, 0.1f, 0, 0, 0, /* second head */ 0.5f, 0.1f, 0.4f, 0, 0};
        assertThat(AttentionMap.patches(attention, 2)).containsExactly(0.5f, 1, 0, 0);
    }

    @Test
    void classMapIsThatOfTheClassWithTheLargestLogit() {
        float[] maps = {9, 0, 0, 0, /* second class */ 2, 4, 3, 6, /* third */ 1, 1, 1, 1};
        assertThat(AttentionMap.classMap(maps, 3)).containsExactly(0, 0.5f, 0.25f, 1);
        assertThat(AttentionMap.classMap(new float[] {5, 5, 5, 5}, 1)).containsExactly(0, 0, 0, 0);
    }

    @Test
    void energySumsSquaresOverChannels() {
        float[] map = {1, 0, 2, 0, /* second channel */ 0, -3, 2, 1};
        assertThat(AttentionMap.energy(map, 2)).containsExactly(1 / 9f, 1, 8 / 9f, 1 / 9f);
    }

    @Test
    void thePatchThatIsLookedAtIsTheBrightest() {
        RgbImage map = AttentionMap.over(new RgbImage(8, 8, new byte[192]), new float[] {0, 1, 0, 0});
        int brightest = 0;
        for (int pixel = 0; pixel < 64; pixel++) {
            if ((map.rgb()[3 * pixel] & 0xff) > (map.rgb()[3 * brightest] & 0xff)) {
                brightest = pixel;
            }
        }
        assertThat(brightest % 8).isGreaterThanOrEqualTo(4); // right
        assertThat(brightest / 8).isLessThan(4); // above
    }
}
