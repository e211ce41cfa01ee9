package io.mocozoo.image;

import java.util.random.RandomGenerator;

/** The oracle: Pillow's resize as its source states it, one pixel at a time, without windows, tables or tricks. */
final class PlainResize {
    private PlainResize() {}

    static RgbImage resize(RgbImage image, int width, int height, Interpolation interpolation) {
        RgbImage across = width == image.width() ? image : across(image, width, interpolation);
        return height == image.height() ? across : transpose(across(transpose(across), height, interpolation));
    }

    static RgbImage crop(RgbImage image, int edge, int side, Interpolation interpolation) {
        int w = image.width();
        int h = image.height();
        RgbImage resized = w < h
                ? resize(image, edge, (int) (edge * (double) h / w), interpolation)
                : resize(image, (int) (edge * (double) w / h), edge, interpolation);
        int x = (int) Math.rint((resized.width() - side) / 2.0);
        int y = (int) Math.rint((resized.height() - side) / 2.0);
        byte[] rgb = new byte[3 * side * side];
        for (int i = 0; i < side; i++) {
            System.arraycopy(resized.rgb(), 3 * ((y + i) * resized.width() + x), rgb, 3 * i * side, 3 * side);
        }
        return new RgbImage(side, side, rgb);
    }

    static RgbImage random(RandomGenerator random, int width, int height) {
        byte[] rgb = new byte[3 * width * height];
        random.nextBytes(rgb);
        if (random.nextBoolean()) { // extremes provoke overshoot
            for (int i = 0; i < rgb.length; i++) {
                rgb[i] = (byte) (rgb[i] >> 7);
            }
        }
        return new RgbImage(width, height, rgb);
    }

    private static RgbImage across(RgbImage image, int width, Interpolation interpolation) {
        int inSize = image.width();
        double scale = (double) inSize / width;
        double stretch = Math.max(scale, 1.0);
        double support = interpolation.support() * stretch;
        byte[] rgb = new byte[3 * width * image.height()];
        for (int x = 0; x < width; x++) {
            double centre = (x + 0.5) * scale;
            int from = Math.max(0, (int) (centre - support + 0.5));
            int until = Math.min(inSize, (int) (centre + support + 0.5));
            double[] weights = new double[until - from];
            double sum = 0;
            for (int j = 0; j < weights.length; j++) {
                weights[j] = interpolation.weight((j + from - centre + 0.5) * (1.0 / stretch));
                sum += weights[j];
            }
            for (int y = 0; y < image.height(); y++) {
                for (int c = 0; c < 3; c++) {
                    long total = 1L << 21;
                    for (int j = 0; j < weights.length; j++) {
                        double weight = weights[j] / sum * (1 << 22);
                        int fixed = (int) (weight < 0 ? weight - 0.5 : weight + 0.5);
                        total += (long) fixed * (image.rgb()[3 * (y * inSize + from + j) + c] & 0xff);
                    }
                    rgb[3 * (y * width + x) + c] = (byte) Math.max(0, Math.min(255, total >> 22));
                }
            }
        }
        return new RgbImage(width, image.height(), rgb);
    }

    private static RgbImage transpose(RgbImage image) {
        byte[] rgb = new byte[image.rgb().length];
        for (int y = 0; y < image.height(); y++) {
            for (int x = 0; x < image.width(); x++) {
                System.arraycopy(image.rgb(), 3 * (y * image.width() + x), rgb, 3 * (x * image.height() + y), 3);
            }
        }
        return new RgbImage(image.height(), image.width(), rgb);
    }
}
