package io.mocozoo.train.augment;

import io.mocozoo.image.RgbImage;
import java.util.function.IntUnaryOperator;

/**
 * The operations of {@link RandAugment}, in the order and the arithmetic of the reference: pixels are changed by
 * mmcv's formulas over OpenCV, geometry by OpenCV's bicubic warp, whose coordinates are multiples of 1/32 pixel.
 */
enum RandOperation {
    /** Stretches each channel to 0..255. */
    AUTO_CONTRAST {
        @Override
        RgbImage apply(RgbImage image, double value) {
            byte[] rgb = image.rgb().clone();
            for (int channel = 0; channel < 3; channel++) {
                int[] counts = histogram(rgb, channel);
                int low = 0;
                while (counts[low] == 0) {
                    low++;
                }
                int high = 255;
                while (counts[high] == 0) {
                    high--;
                }
                if (low < high) {
                    double scale = 255.0 / (high - low);
                    double offset = -low * scale;
                    Lookup.channelInPlace(rgb, channel, table(v -> (int) clipped(v * scale + offset)));
                }
            }
            return like(image, rgb);
        }
    },
    /** Evens out each channel's histogram. */
    EQUALIZE {
        @Override
        RgbImage apply(RgbImage image, double value) {
            byte[] rgb = image.rgb().clone();
            for (int channel = 0; channel < 3; channel++) {
                int[] counts = histogram(rgb, channel);
                int high = 255;
                while (counts[high] == 0) {
                    high--;
                }
                int step = (rgb.length / 3 - counts[high]) / 255;
                if (step == 0) {
                    continue;
                }
                int[] below = new int[256]; // samples below each value
                for (int v = 1; v < 256; v++) {
                    below[v] = below[v - 1] + counts[v - 1];
                }
                Lookup.channelInPlace(
                        rgb, channel, table(v -> v == 0 ? 0 : Math.min(255, (below[v] + step / 2) / step)));
            }
            return like(image, rgb);
        }
    },
    /** 255 - v. */
    INVERT {
        @Override
        RgbImage apply(RgbImage image, double value) {
            return mapped(image, v -> 255 - v);
        }
    },
    /** By OpenCV's warp about the centre, clockwise, in degrees. */
    ROTATE(0, 30, true) {
        @Override
        RgbImage apply(RgbImage image, double value) {
            return OpenCv.rotate(image, value);
        }
    },
    /** Keeps the upper bits. */
    POSTERIZE(4, 0, false) {
        @Override
        RgbImage apply(RgbImage image, double value) {
            int shift = 8 - (int) Math.ceil(value);
            return mapped(image, v -> v >> shift << shift);
        }
    },
    /** {@link Solarize} from a threshold. */
    SOLARIZE(256, 0, false) {
        @Override
        RgbImage apply(RgbImage image, double value) {
            return Solarize.apply(image, value);
        }
    },
    /** Adds to what is dark. */
    SOLARIZE_ADD(0, 110, false) {
        @Override
        RgbImage apply(RgbImage image, double value) {
            return mapped(image, v -> v < 128 ? (int) Math.min(v + value, 255) : v);
        }
    },
    /** Away from, or towards, the gray picture. */
    COLOR(0, 0.9, true) {
        @Override
        RgbImage apply(RgbImage image, double value) {
            byte[] gray = new byte[image.rgb().length];
            for (int i = 0; i < gray.length; i += 3) {
                byte one = (byte) gray(image.rgb(), i);
                gray[i] = one;
                gray[i + 1] = one;
                gray[i + 2] = one;
            }
            double factor = 1 + value;
            return OpenCv.blend(image, factor, like(image, gray), 1 - factor);
        }
    },
    /** Away from, or towards, the average gray. */
    CONTRAST(0, 0.9, true) {
        @Override
        RgbImage apply(RgbImage image, double value) {
            long sum = 0;
            for (int i = 0; i < image.rgb().length; i += 3) {
                sum += gray(image.rgb(), i);
            }
            int pixels = image.rgb().length / 3;
            int mean = (int) Math.rint((double) sum / pixels);
            return mapped(image, v -> mixed(v, mean, 1 + value));
        }
    },
    /** Away from, or towards, black. */
    BRIGHTNESS(0, 0.9, true) {
        @Override
        RgbImage apply(RgbImage image, double value) {
            return mapped(image, v -> mixed(v, 0, 1 + value));
        }
    },
    /** Away from, or towards, a smoothed picture. */
    SHARPNESS(0, 0.9, true) {
        @Override
        RgbImage apply(RgbImage image, double value) {
            byte[] rgb = image.rgb().clone();
            byte[] smooth = OpenCv.smooth(image).rgb();
            for (int i = 0; i < rgb.length; i++) {
                rgb[i] = (byte) mixed(rgb[i] & 0xff, smooth[i] & 0xff, 1 + value);
            }
            return like(image, rgb);
        }
    },
    /** x' = x + value y. */
    SHEAR_HORIZONTAL(0, 0.3, true) {
        @Override
        RgbImage apply(RgbImage image, double value) {
            return OpenCv.shearHorizontally(image, value);
        }
    },
    /** y' = y + value x. */
    SHEAR_VERTICAL(0, 0.3, true) {
        @Override
        RgbImage apply(RgbImage image, double value) {
            return OpenCv.shearVertically(image, value);
        }
    },
    /** By a share of the width. */
    TRANSLATE_HORIZONTAL(0, 0.45, true) {
        @Override
        RgbImage apply(RgbImage image, double value) {
            return OpenCv.translate(image, value * image.width(), 0);
        }
    },
    /** By a share of the height. */
    TRANSLATE_VERTICAL(0, 0.45, true) {
        @Override
        RgbImage apply(RgbImage image, double value) {
            return OpenCv.translate(image, 0, value * image.height());
        }
    };

    private final double atNone;
    private final double atMost;
    private final boolean hasLevel;
    private final boolean signed;

    RandOperation() {
        this.atNone = 0;
        this.atMost = 0;
        this.hasLevel = false;
        this.signed = false;
    }

    RandOperation(double atNone, double atMost, boolean signed) {
        this.atNone = atNone;
        this.atMost = atMost;
        this.hasLevel = true;
        this.signed = signed;
    }

    /** A changed copy. */
    abstract RgbImage apply(RgbImage image, double value);

    boolean hasLevel() {
        return hasLevel;
    }

    boolean isSigned() {
        return signed;
    }

    /** What a level of 0 to 10 means. */
    double value(double level) {
        return level / RandAugment.MOST * (atMost - atNone) + atNone;
    }

    private static RgbImage like(RgbImage image, byte[] rgb) {
        return new RgbImage(image.width(), image.height(), rgb);
    }

    private static RgbImage mapped(RgbImage image, IntUnaryOperator change) {
        byte[] rgb = image.rgb().clone();
        Lookup.inPlace(rgb, table(change));
        return like(image, rgb);
    }

    private static byte[] table(IntUnaryOperator change) {
        byte[] table = new byte[256];
        for (int v = 0; v < 256; v++) {
            table[v] = (byte) change.applyAsInt(v);
        }
        return table;
    }

    private static int[] histogram(byte[] rgb, int channel) {
        int[] counts = new int[256];
        for (int i = channel; i < rgb.length; i += 3) {
            counts[rgb[i] & 0xff]++;
        }
        return counts;
    }

    /** OpenCV's gray of a pixel, in 15-bit fixed point. */
    private static int gray(byte[] rgb, int i) {
        return (9798 * (rgb[i] & 0xff) + 19235 * (rgb[i + 1] & 0xff) + 3735 * (rgb[i + 2] & 0xff) + 16384) >> 15;
    }

    /**
     * {@code a v + (1 - a) other} as OpenCV adds float32 pictures: in double, rounded to float32 (so it was found, in
     * nearly 20 million sums); then clipped and truncated.
     */
    private static int mixed(int v, int other, double a) {
        return (int) clipped((float) (v * a + other * (1 - a)));
    }

    private static double clipped(double value) {
        return Math.max(0, Math.min(255, value));
    }
}
