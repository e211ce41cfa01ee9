/** Skeleton. */
@NullMarked
package io.mocozoo.cli;

import org.jspecify.annotations.NullMarked;
