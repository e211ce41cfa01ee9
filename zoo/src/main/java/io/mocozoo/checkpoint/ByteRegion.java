package io.mocozoo.checkpoint;

import java.nio.ByteBuffer;
import java.util.Objects;

/** A range of a {@link FileBytes}; never reaches outside of it. */
record ByteRegion(FileBytes file, long start, long length) {
    ByteRegion {
        Objects.checkFromIndexSize(start, /* size= */ length, /* length= */ file.size());
    }

    ByteBuffer slice(long offset, int bytes) {
        Objects.checkFromIndexSize(offset, bytes, length);
        return file.slice(start + offset, bytes);
    }

    ByteRegion part(long offset, long bytes) {
        Objects.checkFromIndexSize(offset, bytes, length);
        return new ByteRegion(file, start + offset, bytes);
    }

    boolean isInOnePiece(long offset, long bytes) {
        return file.isInOnePiece(start + offset, bytes);
    }
}
