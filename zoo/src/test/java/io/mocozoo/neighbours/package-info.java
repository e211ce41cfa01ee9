@NullMarked
package io.mocozoo.neighbours;

import org.jspecify.annotations.NullMarked;
