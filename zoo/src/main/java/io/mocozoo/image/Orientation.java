package io.mocozoo.image;

/** Turns a picture as its EXIF orientation says, without changing a sample. */
final class Orientation {
    private Orientation() {}

    /**
     * The upright picture.
     *
     * @param image as stored
     * @param orientation 1 to 8: 2 mirrored, 3 turned by 180 degrees, 4 flipped, 5 transposed, 6 to be turned by 90
     *     degrees clockwise, 7 transposed across the other diagonal, 8 to be turned by 90 degrees counter-clockwise
     */
    static RgbImage upright(RgbImage image, int orientation) {
        if (orientation == 1) {
            return image;
        }
        int storedWidth = image.width();
        int storedHeight = image.height();
        boolean swapped = orientation >= 5;
        int width = swapped ? storedHeight : storedWidth;
        int height = swapped ? storedWidth : storedHeight;
        boolean fromRight = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
        boolean fromBottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
        byte[] stored = image.rgb();
        byte[] rgb = new byte[stored.length];
        int to = 0;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int storedX = swapped ? y : x;
                int storedY = swapped ? x : y;
                int from = 3
                        * ((fromBottom ? storedHeight - 1 - storedY : storedY) * storedWidth
                                + (fromRight ? storedWidth - 1 - storedX : storedX));
                rgb[to++] = stored[from];
                rgb[to++] = stored[from + 1];
                rgb[to++] = stored[from + 2];
            }
        }
        return new RgbImage(width, height, rgb);
    }
}
