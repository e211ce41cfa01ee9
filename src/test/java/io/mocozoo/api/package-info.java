/** The Java API as a program meets it. */
@NullMarked
package io.mocozoo.api;

import org.jspecify.annotations.NullMarked;
