/** How good an encoder is without a head: {@link io.mocozoo.evaluate.probe.KnnProbe} asks the nearest training images. */
@NullMarked
package io.mocozoo.evaluate.probe;

import org.jspecify.annotations.NullMarked;
