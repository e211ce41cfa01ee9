@NullMarked
package io.mocozoo.evaluate;

import org.jspecify.annotations.NullMarked;
