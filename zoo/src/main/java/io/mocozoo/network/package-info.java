/**
 * What the networks of MoCo v3 are, written once.
 *
 * <p>A network is a plain record with one generic method over {@link io.mocozoo.network.Ops}; what a layer does is
 * its interpreter's choice: {@link io.mocozoo.network.Cost} counts, an exporter writes a graph, a trainer
 * differentiates. State-dict keys are mmpretrain's.
 */
@NullMarked
package io.mocozoo.network;

import org.jspecify.annotations.NullMarked;
