/** Skeleton. */
@NullMarked
package io.mocozoo.convert;

import org.jspecify.annotations.NullMarked;
