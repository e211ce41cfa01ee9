package io.mocozoo.checkpoint;

/** The type of one element of a stored tensor, named as PyTorch names it. */
public enum DType {
    /** IEEE 754 binary64. */
    FLOAT64("float64", 8),
    /** IEEE 754 binary32. */
    FLOAT32("float32", 4),
    /** IEEE 754 binary16. */
    FLOAT16("float16", 2),
    /** The upper half of a binary32. */
    BFLOAT16("bfloat16", 2),
    /** Two's complement, 64 bits. */
    INT64("int64", 8),
    /** Two's complement, 32 bits. */
    INT32("int32", 4),
    /** Two's complement, 16 bits. */
    INT16("int16", 2),
    /** Two's complement, 8 bits. */
    INT8("int8", 1),
    /** Unsigned, 8 bits. */
    UINT8("uint8", 1),
    /** One byte, 0 or 1; any other value counts as true. */
    BOOL("bool", 1);

    private final String torchName;
    private final int bytes;

    DType(String torchName, int bytes) {
        this.torchName = torchName;
        this.bytes = bytes;
    }

    /** The size of one element in bytes: 1, 2, 4 or 8. */
    public int bytes() {
        return bytes;
    }

    /** PyTorch's word without its module, such as {@code float32} or {@code bool}. */
    public String torchName() {
        return torchName;
    }
}
