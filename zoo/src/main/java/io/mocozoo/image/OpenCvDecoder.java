package io.mocozoo.image;

import java.util.Optional;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;

/** {@code cv::imdecode}, with its memory freed by hand: waiting for the garbage collector would pile up pictures. */
final class OpenCvDecoder {
    private static final String MAX_PHYSICAL_BYTES = "org.bytedeco.javacpp.maxPhysicalBytes";
    private static final boolean AVAILABLE = load();

    private OpenCvDecoder() {}

    static boolean isAvailable() {
        return AVAILABLE;
    }

    private static boolean load() {
        // JavaCPP refuses to allocate once the whole process is four times its heap, which is an ordinary size for one
        // that holds a network; our pictures are freed at once and need no such guard.
        if (System.getProperty(MAX_PHYSICAL_BYTES) == null) {
            System.setProperty(MAX_PHYSICAL_BYTES, "0");
        }
        try {
            Loader.load(opencv_imgcodecs.class);
        } catch (LinkageError | RuntimeException e) {
            return false; // no library for this platform, or nowhere to unpack it: ImageIO stands in
        }
        return true;
    }

    /** Empty where OpenCV refuses the bytes. */
    static Optional<RgbImage> decode(byte[] encoded, String source, ImageLimits limits) throws ImageFormatException {
        try (BytePointer data = new BytePointer(encoded);
                Mat buffer = new Mat(1, encoded.length, opencv_core.CV_8UC1, data);
                Mat decoded = opencv_imgcodecs.imdecode(buffer, opencv_imgcodecs.IMREAD_COLOR_RGB)) {
            if (decoded == null || decoded.empty()) {
                return Optional.empty();
            }
            int width = decoded.cols();
            int height = decoded.rows();
            limits.checkPixels(source, width, height);
            byte[] rgb = new byte[3 * width * height];
            decoded.data().get(rgb); // imdecode's rows follow each other without padding
            return Optional.of(new RgbImage(width, height, rgb));
        } catch (RuntimeException e) { // how JavaCPP passes on a cv::Exception
            return Optional.empty();
        }
    }
}
