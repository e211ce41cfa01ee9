package io.mocozoo.train.augment;

import io.mocozoo.image.ImageDecoder;
import io.mocozoo.image.RgbImage;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Point;
import org.bytedeco.opencv.opencv_core.Point2f;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_core.Size;

/** The few functions whose roundings are OpenCV's own. Native memory is freed before a call returns. */
final class OpenCv {
    /** What shows where a picture was moved away: R, G, B. */
    private static final double[] FILL = {124, 116, 104};

    private OpenCv() {}

    /** x' = x + value y. */
    static RgbImage shearHorizontally(RgbImage image, double value) {
        return warp(image, 1, (float) value, 0, 0, 1, 0);
    }

    /** y' = y + value x. */
    static RgbImage shearVertically(RgbImage image, double value) {
        return warp(image, 1, 0, 0, (float) value, 1, 0);
    }

    /** Moves to the right by pixels. */
    static RgbImage translate(RgbImage image, double x, double y) {
        return warp(image, 1, 0, (float) x, 0, 1, (float) y);
    }

    /** Turns about the centre, clockwise if positive. */
    static RgbImage rotate(RgbImage image, double degrees) {
        requireNative();
        try (Point2f centre = new Point2f((image.width() - 1) * 0.5f, (image.height() - 1) * 0.5f);
                Mat matrix = opencv_imgproc.getRotationMatrix2D(centre, -degrees, 1.0)) {
            return warp(image, matrix);
        }
    }

    private static RgbImage warp(RgbImage image, float... affine) {
        requireNative();
        try (Mat matrix = new Mat(2, 3, opencv_core.CV_32F)) {
            floats(matrix, affine);
            return warp(image, matrix);
        }
    }

    private static RgbImage warp(RgbImage image, Mat matrix) {
        try (BytePointer samples = new BytePointer(image.rgb());
                Mat from = new Mat(image.height(), image.width(), opencv_core.CV_8UC3, samples);
                Mat to = new Mat();
                Size size = new Size(image.width(), image.height());
                Scalar fill = new Scalar(FILL[0], FILL[1], FILL[2], 0)) {
            opencv_imgproc.warpAffine(
                    from, to, matrix, size, opencv_imgproc.INTER_CUBIC, opencv_core.BORDER_CONSTANT, fill);
            return image(to);
        }
    }

    /** The 3 x 3 mean with a centre of five, rounded to 8 bits; beyond the edge the picture is reflected. */
    static RgbImage smooth(RgbImage image) {
        requireNative();
        float[] kernel = new float[9];
        Arrays.fill(kernel, 1f / 13);
        kernel[4] = 5f / 13;
        try (BytePointer samples = new BytePointer(image.rgb());
                Mat from = new Mat(image.height(), image.width(), opencv_core.CV_8UC3, samples);
                Mat to = new Mat();
                Mat weights = new Mat(3, 3, opencv_core.CV_32F);
                Point anchor = new Point(-1, -1)) {
            floats(weights, kernel);
            opencv_imgproc.filter2D(from, to, -1, weights, anchor, 0, opencv_core.BORDER_DEFAULT);
            return image(to);
        }
    }

    /** {@code a} times one picture plus {@code b} times another of its size, rounded and clipped to 8 bits. */
    static RgbImage blend(RgbImage one, double a, RgbImage other, double b) {
        requireNative();
        try (BytePointer samples = new BytePointer(one.rgb());
                BytePointer others = new BytePointer(other.rgb());
                Mat first = new Mat(one.height(), one.width(), opencv_core.CV_8UC3, samples);
                Mat second = new Mat(one.height(), one.width(), opencv_core.CV_8UC3, others);
                Mat to = new Mat()) {
            opencv_core.addWeighted(first, a, second, b, 0, to);
            return image(to);
        }
    }

    private static void floats(Mat to, float... values) {
        FloatBuffer buffer = to.createBuffer();
        buffer.put(values);
    }

    private static RgbImage image(Mat mat) {
        byte[] rgb = new byte[3 * mat.rows() * mat.cols()];
        mat.data().get(rgb); // a Mat that a function has made has no padding
        return new RgbImage(mat.cols(), mat.rows(), rgb);
    }

    private static void requireNative() {
        if (!ImageDecoder.isNative()) {
            throw new IllegalStateException(
                    "RandAugment needs OpenCV's native library, which could not be loaded on this"
                            + " platform; choose another augmentation, such as crop-flip");
        }
    }
}
