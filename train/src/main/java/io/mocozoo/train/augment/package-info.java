/**
 * Views of images for training, in the reference's arithmetic to the bit.
 *
 * <p>{@link io.mocozoo.train.augment.Views} is the front door: the views that a recipe asks for. {@link
 * io.mocozoo.train.augment.BatchMix} mixes a batch after them. Each operation is a pure function in a file of its own.
 *
 * <p>Why it exists: no Java library has Pillow's blends, HSV and blur, and a view that differs is another recipe.
 * RandAugment follows OpenCV, whose library it calls where the roundings are OpenCV's own. Random numbers are drawn in the
 * reference's order, but from our own generator.
 */
@NullMarked
package io.mocozoo.train.augment;

import org.jspecify.annotations.NullMarked;
