/** Recipes: every number of a training in the open, one file each. */
@NullMarked
package io.mocozoo.train.recipe;

import org.jspecify.annotations.NullMarked;
