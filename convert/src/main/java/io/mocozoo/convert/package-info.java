/**
 * How a checkpoint becomes an ONNX file, in pure Java. {@link io.mocozoo.convert.Converter} is the front door: keys
 * are renamed and checked, a graph is built, weights stream from the checkpoint into the file, and the file is run
 * against a plain graph of the same weights.
 */
@NullMarked
package io.mocozoo.convert;

import org.jspecify.annotations.NullMarked;
