/** Pages to look at a run: one file each, without a network. {@link io.mocozoo.evaluate.report.EvaluationReport} writes a run's. */
@NullMarked
package io.mocozoo.evaluate.report;

import org.jspecify.annotations.NullMarked;
