package io.mocozoo.image;

import java.io.IOException;

/** A picture that cannot be read; the message names the source, what was expected, what was found, what to do. */
public final class ImageFormatException extends IOException {
    static final String A_PICTURE = "a JPEG, PNG, BMP, WebP or GIF picture";
    static final String FETCH_AGAIN = "Fetch or export it again.";

    private static final long serialVersionUID = 1L;

    private final String source;

    ImageFormatException(String source, String expected, String found, String advice) {
        super(source + ": expected " + expected + ", found " + found + ". " + advice);
        this.source = source;
    }

    ImageFormatException(String source, String expected, String found, String advice, Throwable cause) {
        this(source, expected, found, advice);
        initCause(cause);
    }

    /** The file, address or name that the picture came from. */
    public String source() {
        return source;
    }
}
