package io.mocozoo.cli;

/** A command line that cannot be understood; says what was expected. */
final class UsageException extends Exception {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message);
    }
}
