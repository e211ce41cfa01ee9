/**
 * Figures of merit. Those the reference has are computed as it does, to its names and its single precision: {@link
 * io.mocozoo.evaluate.metric.Accuracy}, {@link io.mocozoo.evaluate.metric.SingleLabelMetric}, {@link
 * io.mocozoo.evaluate.metric.ConfusionMatrix}, {@link io.mocozoo.evaluate.metric.MultiLabelMetric}, {@link
 * io.mocozoo.evaluate.metric.AveragePrecision}, {@link io.mocozoo.evaluate.metric.RetrievalRecall}. What it lacks stands
 * beside: intervals, calibration, coverage against risk, paired tests.
 */
@NullMarked
package io.mocozoo.evaluate.metric;

import org.jspecify.annotations.NullMarked;
