/**
 * The evaluation over Apache Spark; {@link io.mocozoo.evaluate.spark.SparkClusters} is found by the command. Ours is only
 * how a run is cut into blocks and put together again: Spark knows nothing of results that must come in their order within
 * constant memory, nor of one session a JVM.
 */
@NullMarked
package io.mocozoo.evaluate.spark;

import org.jspecify.annotations.NullMarked;
