@NullMarked
package io.mocozoo.train.optim;

import org.jspecify.annotations.NullMarked;
