@NullMarked
package io.mocozoo.train.recipe;

import org.jspecify.annotations.NullMarked;
