package io.mocozoo.checkpoint;

/** The containers a checkpoint can come in; told by content, whatever the file is called. */
public enum CheckpointFormat {
    /** PyTorch's default since 1.6: a zip archive of a pickle and raw storages. */
    TORCH_ZIP,
    /** PyTorch before 1.6: pickles one after another, then raw storages. */
    TORCH_LEGACY,
    /** A JSON header and raw tensors. */
    SAFETENSORS
}
