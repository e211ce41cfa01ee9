/**
 * How good a model is.
 *
 * <p>{@link io.mocozoo.evaluate.Evaluation} is the front door: it runs a classifier over a data set, keeps what it said in
 * a file of checked blocks that survives any kill, and derives every figure and table from that file.
 */
@NullMarked
package io.mocozoo.evaluate;

import org.jspecify.annotations.NullMarked;
