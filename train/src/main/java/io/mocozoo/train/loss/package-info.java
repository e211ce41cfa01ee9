/** What is minimised. */
@NullMarked
package io.mocozoo.train.loss;

import org.jspecify.annotations.NullMarked;
