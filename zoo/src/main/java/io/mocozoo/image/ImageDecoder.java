package io.mocozoo.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * From an encoded picture to RGB bytes, as the reference loads it: OpenCV's {@code imdecode} in colour. EXIF
 * orientation is applied, alpha dropped (not blended), gray replicated, 16 bits reduced to 8, ICC profiles ignored; of
 * several frames the first is taken. The content decides the format, not the name.
 *
 * <p>A file cut short is refused, as OpenCV 4.13 does; older ones, the 4.6 of the golden data among them, decode a
 * baseline JPEG in part. What the native codecs have to say about a damaged file they write to standard error;
 * {@code OPENCV_LOG_LEVEL=SILENT} in the environment quiets most of it.
 *
 * <p>ImageIO stands in where OpenCV's library cannot be loaded, and for GIFs that OpenCV refuses. It reads JPEG (less
 * arithmetic coding), PNG, BMP and GIF, with the same bytes for baseline JPEG, PNG and BMP; WebP it does not read, and
 * EXIF orientation is applied in JPEG files alone.
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
        if (!OpenCvDecoder.isAvailable()) {
            return ImageIoDecoder.decode(encoded, source, limits);
        }
        Optional<RgbImage> image = OpenCvDecoder.decode(encoded, source, limits);
        if (image.isPresent()) {
            return image.get();
        }
        if (header.isPresent() && header.get().format().equals(ImageHeader.GIF)) {
            return ImageIoDecoder.decode(encoded, source, limits);
        }
        throw new ImageFormatException(
                source,
                ImageFormatException.A_PICTURE,
                header.map(known -> "a damaged or unsupported " + known.format() + " of " + known.width() + " x "
                                + known.height() + " pixels")
                        .orElse("a format that no decoder knows"),
                ImageFormatException.FETCH_AGAIN);
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
