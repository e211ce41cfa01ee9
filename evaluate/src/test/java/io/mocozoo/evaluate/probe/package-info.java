@NullMarked
package io.mocozoo.evaluate.probe;

import org.jspecify.annotations.NullMarked;
