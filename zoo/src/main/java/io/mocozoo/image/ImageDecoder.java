package io.mocozoo.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * From an encoded picture to RGB bytes, as the reference loads it: OpenCV's {@code imdecode} in colour. EXIF
 * orientation is applied, alpha dropped (not blended), gray replicated, 16 bits reduced to 8, ICC profiles ignored; of
 * several frames the first is taken. The content decides the format, not the name. A damaged file that OpenCV decodes
 * in part (a JPEG cut short) gives that part, as in the reference.
 *
 * <p>ImageIO stands in for formats that OpenCV refuses, and for all where its native library cannot be loaded. There,
 * JPEG (less arithmetic coding), PNG, BMP and GIF can be read, with the same bytes for baseline JPEG, PNG and BMP; WebP
 * cannot, and a damaged file is refused rather than decoded in part.
 *
 * <p>Safe for many threads; native memory is freed before a call returns.
 */
public final class ImageDecoder {
    private ImageDecoder() {}

    /**
     * Decodes a picture held in memory.
     *
     * @param encoded the file's bytes, left as they are
     * @param source what messages call it
     * @param limits checked against the header before any pixel is decoded, where the header is JPEG, PNG, GIF, BMP or
     *     WebP; otherwise the decoder's own limits hold
     * @return the picture, upright
     * @throws ImageFormatException if the bytes are no picture that can be read, or one above the limits
     */
    public static RgbImage decode(byte[] encoded, String source, ImageLimits limits) throws IOException {
        limits.checkBytes(source, encoded.length);
        Optional<ImageHeader> header = ImageHeader.sniff(encoded);
        if (header.isPresent()) {
            limits.checkPixels(source, header.get().width(), header.get().height());
        }
        Optional<RgbImage> image =
                OpenCvDecoder.isAvailable() ? OpenCvDecoder.decode(encoded, source, limits) : Optional.empty();
        return image.isPresent() ? image.get() : ImageIoDecoder.decode(encoded, source, limits);
    }

    /**
     * Decodes a file.
     *
     * @param file any name
     * @param limits as above; the size of the file is checked before it is read
     * @return the picture, upright
     * @throws ImageFormatException if the file is no picture that can be read, or one above the limits
     * @throws IOException if the file cannot be read
     */
    public static RgbImage decode(Path file, ImageLimits limits) throws IOException {
        limits.checkBytes(file.toString(), Files.size(file));
        return decode(Files.readAllBytes(file), file.toString(), limits);
    }

    /** Whether OpenCV's native library could be loaded; otherwise ImageIO decodes, slower and with fewer formats. */
    public static boolean isNative() {
        return OpenCvDecoder.isAvailable();
    }
}
