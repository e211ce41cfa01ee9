/**
 * Sets of labelled images in the layouts people keep them in.
 *
 * <p>{@link io.mocozoo.data.Datasets} is the front door: it tells the layouts apart. {@link io.mocozoo.data.ImageNet},
 * {@link io.mocozoo.data.ImageFolder}, {@link io.mocozoo.data.ListFile} and {@link io.mocozoo.data.TarShards} open one each;
 * {@link io.mocozoo.data.Shapes} draws one.
 */
@NullMarked
package io.mocozoo.data;

import org.jspecify.annotations.NullMarked;
