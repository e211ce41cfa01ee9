package io.mocozoo.evaluate.file;

import java.io.IOException;

/** A run that cannot begin or go on: what was expected, what was found, where, and what to do. */
public final class RunException extends IOException {
    private static final long serialVersionUID = 1L;

    /** With a message that can stand alone. */
    public RunException(String message) {
        super(message);
    }

    /** With a message that can stand alone, and its cause. */
    public RunException(String message, Throwable cause) {
        super(message, cause);
    }
}
