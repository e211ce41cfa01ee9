package io.mocozoo.runtime;

/** A model that could not be opened or run: the engine's reason with the model's name. */
public final class ModelException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** A failure that is its own cause. */
    public ModelException(String message) {
        super(message);
    }

    /** A failure with its cause. */
    public ModelException(String message, Throwable cause) {
        super(message, cause);
    }
}
