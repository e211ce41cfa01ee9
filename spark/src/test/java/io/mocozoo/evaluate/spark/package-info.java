@NullMarked
package io.mocozoo.evaluate.spark;

import org.jspecify.annotations.NullMarked;
