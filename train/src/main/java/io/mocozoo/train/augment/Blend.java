package io.mocozoo.train.augment;

/**
 * Pillow's {@code Image.blend} of 8-bit samples: {@code d + a (v - d)} in float32, truncated; clamped where {@code a}
 * lies outside 0..1.
 *
 * @see <a href="https://github.com/python-pillow/Pillow/blob/main/src/libImaging/Blend.c">Pillow, Blend.c</a>
 */
final class Blend {
    /** What float32 may round away from a sum below 1024. */
    private static final double ROUNDING = 0x1p-13;

    private Blend() {}

    /** One sample, from {@code degenerate} at factor 0 to {@code value} at factor 1 and beyond. */
    static int of(int degenerate, int value, float factor) {
        if (factor == 0f) {
            return degenerate;
        }
        if (factor == 1f) {
            return value;
        }
        float mixed = degenerate + factor * (value - degenerate);
        if (factor >= 0f && factor <= 1f) {
            return (int) mixed;
        }
        return mixed <= 0f ? 0 : mixed >= 255f ? 255 : (int) mixed;
    }

    /** Every sample away from, or towards, one value. */
    static byte[] table(int degenerate, float factor) {
        byte[] table = new byte[256];
        for (int v = 0; v < 256; v++) {
            table[v] = (byte) of(degenerate, v, factor);
        }
        return table;
    }

    /** Every pixel away from, or towards, its own gray. */
    static void withGray(byte[] rgb, float factor) {
        int[] steps = new int[511];
        if (factor >= 0 && wholeSteps(factor, steps)) {
            withGrayBySteps(rgb, steps);
        } else {
            withGrayPlainly(rgb, factor);
        }
    }

    /**
     * Rounds factor (v - d) down for every v - d, so that one addition gives the truncated sum. Not where the fraction
     * comes so near to 1 that the float32 sum may be rounded up to the next integer.
     *
     * @return whether the steps may be used
     */
    private static boolean wholeSteps(float factor, int[] steps) {
        for (int i = 0; i < steps.length; i++) {
            float product = factor * (i - 255);
            double whole = Math.floor(product);
            if (Math.abs(product) > 511 || product - whole > 1 - ROUNDING) {
                return false;
            }
            steps[i] = (int) whole;
        }
        return true;
    }

    private static void withGrayBySteps(byte[] rgb, int[] steps) {
        for (int i = 0; i < rgb.length; i += 3) {
            int red = rgb[i] & 0xff;
            int green = rgb[i + 1] & 0xff;
            int blue = rgb[i + 2] & 0xff;
            int gray = Luma.of(red, green, blue);
            int offset = 255 - gray;
            rgb[i] = clamp(gray + steps[red + offset]);
            rgb[i + 1] = clamp(gray + steps[green + offset]);
            rgb[i + 2] = clamp(gray + steps[blue + offset]);
        }
    }

    /** As the formula has it; what the steps are held against. */
    static void withGrayPlainly(byte[] rgb, float factor) {
        for (int i = 0; i < rgb.length; i += 3) {
            int gray = Luma.of(rgb[i] & 0xff, rgb[i + 1] & 0xff, rgb[i + 2] & 0xff);
            rgb[i] = (byte) of(gray, rgb[i] & 0xff, factor);
            rgb[i + 1] = (byte) of(gray, rgb[i + 1] & 0xff, factor);
            rgb[i + 2] = (byte) of(gray, rgb[i + 2] & 0xff, factor);
        }
    }

    private static byte clamp(int value) {
        return (byte) ((value & ~255) == 0 ? value : ~(value >> 31));
    }
}
