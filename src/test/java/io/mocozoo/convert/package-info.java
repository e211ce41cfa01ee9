/** The converter where only its own package can reach. */
@NullMarked
package io.mocozoo.convert;

import org.jspecify.annotations.NullMarked;
