package io.mocozoo.train.augment;

import io.mocozoo.image.Interpolation;
import io.mocozoo.image.Preprocessing;
import java.nio.BufferOverflowException;
import java.nio.FloatBuffer;
import java.util.List;

/** From RGB bytes to what a network is fed: (value - mean) / std in float32 by a true division, channel by channel. */
final class Normalizer {
    private final float[] red = new float[256];
    private final float[] green = new float[256];
    private final float[] blue = new float[256];

    /** Mean and standard deviation of R, G, B on the scale 0 to 255. */
    Normalizer(List<Double> mean, List<Double> std) {
        var preprocessing = new Preprocessing(1, Interpolation.BILINEAR, 1, mean, std);
        for (int v = 0; v < 256; v++) {
            red[v] = preprocessing.normalise(0, v);
            green[v] = preprocessing.normalise(1, v);
            blue[v] = preprocessing.normalise(2, v);
        }
    }

    /** Writes [3, h, w] at the position of the buffer and moves the position past it. */
    void pack(byte[] rgb, FloatBuffer target) {
        if (target.remaining() < rgb.length) {
            throw new BufferOverflowException();
        }
        int plane = rgb.length / 3;
        if (target.hasArray()) {
            pack(rgb, target.array(), target.arrayOffset() + target.position(), plane);
        } else {
            int at = target.position();
            for (int i = 0; i < plane; i++) { // HWC -> CHW
                target.put(at + i, red[rgb[3 * i] & 0xff]);
                target.put(at + plane + i, green[rgb[3 * i + 1] & 0xff]);
                target.put(at + 2 * plane + i, blue[rgb[3 * i + 2] & 0xff]);
            }
        }
        target.position(target.position() + rgb.length);
    }

    private void pack(byte[] rgb, float[] to, int at, int plane) {
        for (int i = 0; i < plane; i++) { // HWC -> CHW
            to[at + i] = red[rgb[3 * i] & 0xff];
            to[at + plane + i] = green[rgb[3 * i + 1] & 0xff];
            to[at + 2 * plane + i] = blue[rgb[3 * i + 2] & 0xff];
        }
    }
}
