package io.mocozoo.checkpoint;

/**
 * How much a file may ask for before it is refused; a checkpoint is hostile until it has been read.
 *
 * @param pickleBytes the longest pickle, also after inflating, in bytes
 * @param pickleInstructions instructions one file's pickles may execute; bounds every object, list and memo slot
 * @param pickleStack values that may lie on the stack of a pickle at once
 * @param stringBytes the longest string that is decoded; a longer one is kept as an inert value
 * @param integerBytes the longest integer of a pickle, in bytes
 * @param tensors tensors in one file
 * @param elements elements in one tensor
 * @param expansion bytes that tensors may take when read (shared, broadcast or deflated data), per byte of the file;
 *     16 MiB are always granted
 * @param headerBytes the longest safetensors header
 * @param zipEntries entries in one archive
 */
public record ReadLimits(
        int pickleBytes,
        int pickleInstructions,
        int pickleStack,
        int stringBytes,
        int integerBytes,
        int tensors,
        long elements,
        int expansion,
        int headerBytes,
        int zipEntries) {
    private static final long ALWAYS_GRANTED = 16L << 20;

    /**
     * Room for any checkpoint of a MoCo v3 model with optimizer and logs, and little more: at worst some 300 MB of heap
     * to open it, whatever the file says. Deflated tensors that are read stay in memory, at most {@code expansion} bytes
     * for each of the file.
     */
    public static final ReadLimits DEFAULT =
            new ReadLimits(128 << 20, 3_000_000, 500_000, 64 << 10, 1024, 100_000, 1L << 33, 64, 32 << 20, 200_000);

    /** Refuses limits that are not positive. */
    public ReadLimits {
        long least = Math.min(
                Math.min(Math.min(pickleBytes, pickleInstructions), Math.min(pickleStack, stringBytes)),
                Math.min(
                        Math.min(Math.min(integerBytes, tensors), Math.min(elements, expansion)),
                        Math.min(headerBytes, zipEntries)));
        if (least < 1) {
            throw new IllegalArgumentException("read limits must be positive, found " + least);
        }
    }

    /** Bytes that all tensors of a file of this size may take together once read. */
    long expandedBytes(long fileBytes) {
        return Math.addExact(ALWAYS_GRANTED, Math.multiplyExact(fileBytes, (long) expansion));
    }
}
