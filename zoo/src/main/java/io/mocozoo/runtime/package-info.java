/**
 * Models that run: sessions of ONNX Runtime behind types of our own. This package alone imports ONNX Runtime.
 */
@NullMarked
package io.mocozoo.runtime;

import org.jspecify.annotations.NullMarked;
