/** Nearest neighbours among features: exact, in blocks, for the training monitor and the evaluation of encoders. */
@NullMarked
package io.mocozoo.neighbours;

import org.jspecify.annotations.NullMarked;
