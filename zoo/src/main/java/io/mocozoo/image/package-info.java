/**
 * From an image file to the pixels a model is fed, to the byte as the reference pipeline does it.
 *
 * <p>{@link io.mocozoo.image.Preprocessor} is the front door: it resizes, crops, packs and normalises what
 * {@link io.mocozoo.image.ImageDecoder} has decoded.
 *
 * <p>Why it exists: every recipe of the reference resizes with Pillow's antialiased resampler, which no Java library
 * offers, and a model loses accuracy when it is fed pixels from another one. Decoding is OpenCV's, as in the
 * reference; this is the only package of the module that knows OpenCV.
 */
@NullMarked
package io.mocozoo.image;

import org.jspecify.annotations.NullMarked;
