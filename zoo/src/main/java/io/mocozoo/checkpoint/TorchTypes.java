package io.mocozoo.checkpoint;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** PyTorch's names for element types: storage classes in pickles, and dtypes. */
final class TorchTypes {
    private static final Map<String, DType> BY_STORAGE = Arrays.stream(DType.values())
            .collect(Collectors.toUnmodifiableMap(d -> "torch." + storageClass(d), d -> d));
    private static final Map<String, DType> BY_DTYPE =
            Arrays.stream(DType.values()).collect(Collectors.toUnmodifiableMap(d -> "torch." + d.torchName(), d -> d));

    private TorchTypes() {}

    /** The class in module torch whose storages hold this type. */
    static String storageClass(DType dtype) {
        return switch (dtype) {
            case FLOAT64 -> "DoubleStorage";
            case FLOAT32 -> "FloatStorage";
            case FLOAT16 -> "HalfStorage";
            case BFLOAT16 -> "BFloat16Storage";
            case INT64 -> "LongStorage";
            case INT32 -> "IntStorage";
            case INT16 -> "ShortStorage";
            case INT8 -> "CharStorage";
            case UINT8 -> "ByteStorage";
            case BOOL -> "BoolStorage";
        };
    }

    /** The type of a global such as {@code torch.FloatStorage}; untyped storages count as bytes. */
    static Optional<DType> ofStorage(String global) {
        return global.equals("torch.UntypedStorage") || global.equals("torch.storage.UntypedStorage")
                ? Optional.of(DType.UINT8)
                : Optional.ofNullable(BY_STORAGE.get(global));
    }

    /** The type of a global such as {@code torch.float32}. */
    static Optional<DType> ofDtype(String global) {
        return Optional.ofNullable(BY_DTYPE.get(global));
    }
}
