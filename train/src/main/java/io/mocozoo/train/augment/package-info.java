/** Views of images for training, in Pillow's arithmetic to the bit. */
@NullMarked
package io.mocozoo.train.augment;

import org.jspecify.annotations.NullMarked;
