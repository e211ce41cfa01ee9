/**
 * Networks that learn: the layers over arrays of PyTorch with gradients.
 *
 * <p>DJL's own operations leave out what training needs: scaled dot product attention, PyTorch's batch norm to the
 * letter, fused updates. {@link io.mocozoo.train.torch.TorchFunctions} reaches every operation of the library with
 * one small TorchScript archive that is written here and loaded by stock DJL.
 */
@NullMarked
package io.mocozoo.train.torch;

import org.jspecify.annotations.NullMarked;
