/** How weights move: optimisers in the reference's arithmetic, parameter rules, clipping, learning-rate schedules. */
@NullMarked
package io.mocozoo.train.optim;

import org.jspecify.annotations.NullMarked;
