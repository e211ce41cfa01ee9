/** Holds the house to its plan: who may see whom. */
@NullMarked
package io.mocozoo.architecture;

import org.jspecify.annotations.NullMarked;
