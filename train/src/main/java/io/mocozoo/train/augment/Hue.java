package io.mocozoo.train.augment;

/**
 * Turns the hue by way of Pillow's 8-bit HSV, to the bit. Even a turn by nothing changes pixels: HSV holds fewer colours.
 *
 * <p>Hue and saturation of a pixel depend on its largest sample and two differences alone, so both are looked up; the
 * tables are made from Pillow's formulas once.
 *
 * @see <a href="https://github.com/python-pillow/Pillow/blob/main/src/libImaging/Convert.c">Pillow, Convert.c:
 *     rgb2hsv_row, hsv2rgb</a>
 */
final class Hue {
    // The largest and the smallest of a pixel's samples: six cases.
    private static final int RED_BLUE = 0;
    private static final int RED_GREEN = 1 << 16;
    private static final int GREEN_BLUE = 2 << 16;
    private static final int GREEN_RED = 3 << 16;
    private static final int BLUE_RED = 4 << 16;
    private static final int BLUE_GREEN = 5 << 16;

    /** By case, then largest - smallest, then largest - middle. */
    private static final byte[] HUES = hues();
    /** By the largest sample, then largest - smallest. */
    private static final byte[] SATURATIONS = saturations();
    /** What becomes of the smallest sample, by the largest, then saturation. */
    private static final byte[] SMALLEST = smallest();

    private static final int[] SECTOR = new int[256];
    private static final float[] FRACTION = new float[256];

    static {
        for (int h = 0; h < 256; h++) {
            SECTOR[h] = (int) Math.floor(h * 6.0 / 255.0);
            FRACTION[h] = (float) (h * 6.0 / 255.0 - SECTOR[h]);
        }
    }

    private Hue() {}

    /**
     * Turns the hue of every pixel.
     *
     * @param turn of a circle of 256; taken modulo that
     */
    static void turn(byte[] rgb, int turn) {
        for (int i = 0; i < rgb.length; i += 3) {
            int red = rgb[i] & 0xff;
            int green = rgb[i + 1] & 0xff;
            int blue = rgb[i + 2] & 0xff;
            int value = Math.max(red, Math.max(green, blue));
            int range = value - Math.min(red, Math.min(green, blue));
            if (range == 0) {
                continue; // gray has no hue
            }
            int hue = HUES[place(red, green, blue, value, range)] & 0xff;
            int saturation = SATURATIONS[value << 8 | range] & 0xff;
            write(rgb, i, (hue + turn) & 255, saturation, value);
        }
    }

    /** Where the hue of a pixel stands in the table; ties go as in Pillow, red before green before blue. */
    private static int place(int red, int green, int blue, int value, int range) {
        if (red == value) {
            return green >= blue ? RED_BLUE | range << 8 | value - green : RED_GREEN | range << 8 | value - blue;
        }
        if (green == value) {
            return red >= blue ? GREEN_BLUE | range << 8 | value - red : GREEN_RED | range << 8 | value - blue;
        }
        return green >= red ? BLUE_RED | range << 8 | value - green : BLUE_GREEN | range << 8 | value - red;
    }

    /** HSV to RGB at a place of the array; saturation is above 0. */
    static void write(byte[] rgb, int i, int hue, int saturation, int value) {
        float strength = (float) (saturation / 255.0);
        float fraction = FRACTION[hue];
        byte p = SMALLEST[value << 8 | saturation];
        byte v = (byte) value;
        int sector = SECTOR[hue];
        boolean rising = (sector & 1) == 0;
        double share = rising ? strength * (1.0 - fraction) : strength * fraction;
        byte middle = (byte) (int) (value * (1.0 - share) + 0.5);
        switch (sector) {
            case 1 -> put(rgb, i, middle, v, p);
            case 2 -> put(rgb, i, p, v, middle);
            case 3 -> put(rgb, i, p, middle, v);
            case 4 -> put(rgb, i, middle, p, v);
            case 5 -> put(rgb, i, v, p, middle);
            default -> put(rgb, i, v, middle, p); // 0, and 6: the full circle
        }
    }

    private static void put(byte[] rgb, int i, byte red, byte green, byte blue) {
        rgb[i] = red;
        rgb[i + 1] = green;
        rgb[i + 2] = blue;
    }

    private static byte[] hues() {
        byte[] hues = new byte[6 << 16];
        for (int range = 1; range < 256; range++) {
            for (int x = 0; x <= range; x++) { // from the largest to the middle sample
                float middle = (float) x / range;
                int at = range << 8 | x;
                hues[RED_BLUE | at] = hue(1f - middle);
                hues[RED_GREEN | at] = hue(middle - 1f);
                hues[GREEN_BLUE | at] = hue((float) (2.0 + middle - 1f));
                hues[GREEN_RED | at] = hue((float) (2.0 + 1f - middle));
                hues[BLUE_RED | at] = hue((float) (4.0 + middle - 1f));
                hues[BLUE_GREEN | at] = hue((float) (4.0 + 1f - middle));
            }
        }
        return hues;
    }

    private static byte hue(float sixths) {
        float circle = (float) ((sixths / 6.0 + 1.0) % 1.0);
        return (byte) (int) (circle * 255.0);
    }

    private static byte[] saturations() {
        byte[] saturations = new byte[1 << 16];
        for (int value = 1; value < 256; value++) {
            for (int range = 0; range <= value; range++) {
                saturations[value << 8 | range] = (byte) (int) ((float) range / value * 255.0);
            }
        }
        return saturations;
    }

    private static byte[] smallest() {
        byte[] smallest = new byte[1 << 16];
        for (int value = 0; value < 256; value++) {
            for (int saturation = 0; saturation < 256; saturation++) {
                float strength = (float) (saturation / 255.0);
                smallest[value << 8 | saturation] = (byte) (int) (value * (1.0 - strength) + 0.5);
            }
        }
        return smallest;
    }
}
