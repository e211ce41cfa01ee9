/** The cache folder: what was downloaded and converted, whole, checked and kept for the next time. */
@NullMarked
package io.mocozoo.store;

import org.jspecify.annotations.NullMarked;
