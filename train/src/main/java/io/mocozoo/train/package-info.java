/** How an encoder is trained. */
@NullMarked
package io.mocozoo.train;

import org.jspecify.annotations.NullMarked;
