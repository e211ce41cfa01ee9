/** Skeleton. */
@NullMarked
package io.mocozoo;

import org.jspecify.annotations.NullMarked;
