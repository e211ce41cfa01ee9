/**
 * The front door: {@link io.mocozoo.Zoo} finds a model by name, gets its weights, and opens it.
 */
@NullMarked
package io.mocozoo;

import org.jspecify.annotations.NullMarked;
