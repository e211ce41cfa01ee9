/**
 * What a training leaves for people to look at: its log of scalars, TensorBoard's event file and an HTML report, both
 * derived from the log. {@link io.mocozoo.train.report.TrainingReport} is where to begin. Written by hand since no Java
 * library writes event files, and a page that opens without a network can load none.
 */
@NullMarked
package io.mocozoo.train.report;

import org.jspecify.annotations.NullMarked;
