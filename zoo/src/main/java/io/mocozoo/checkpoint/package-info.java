/**
 * The files weights live in: {@link io.mocozoo.checkpoint.Checkpoint#open} reads PyTorch's zip and legacy formats and
 * safetensors, {@link io.mocozoo.checkpoint.KeyMap} brings their keys to one naming, and
 * {@link io.mocozoo.checkpoint.Safetensors}, {@link io.mocozoo.checkpoint.TorchZip} and
 * {@link io.mocozoo.checkpoint.Npy} write.
 *
 * <p>It exists because no Java library reads PyTorch checkpoints without running what they say. Here a pickle is data:
 * names with a meaning are on an exact list, everything else becomes an inert object, no class is looked up and nothing
 * is called. Tensors are mapped, not loaded, so a file larger than the heap opens at once; every size and offset is
 * checked against the file before it is used, and every refusal is a
 * {@link io.mocozoo.checkpoint.CheckpointFormatException}.
 */
@NullMarked
package io.mocozoo.checkpoint;

import org.jspecify.annotations.NullMarked;
