/** Sets of labelled images in the layouts people keep them in. */
@NullMarked
package io.mocozoo.data;

import org.jspecify.annotations.NullMarked;
