/** Models under load: many threads, long command lines, batches of every size. */
@NullMarked
package io.mocozoo.runtime;

import org.jspecify.annotations.NullMarked;
