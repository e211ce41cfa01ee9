@NullMarked
package io.mocozoo.evaluate.metric;

import org.jspecify.annotations.NullMarked;
