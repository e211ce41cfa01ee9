@NullMarked
package io.mocozoo.evaluate.serve;

import org.jspecify.annotations.NullMarked;
