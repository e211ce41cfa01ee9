package io.mocozoo.onnx;

import java.io.IOException;
import java.nio.file.Path;

/** A file that is no ONNX model, or one that may not be used; says where and what to do. */
public final class OnnxFormatException extends IOException {
    private static final long serialVersionUID = 1L;

    /** A fault of the whole file. */
    public OnnxFormatException(Path file, String problem) {
        super(file + ": " + problem);
    }

    OnnxFormatException(Path file, long offset, String problem) {
        super(file + ", byte " + offset + ": " + problem);
    }
}
