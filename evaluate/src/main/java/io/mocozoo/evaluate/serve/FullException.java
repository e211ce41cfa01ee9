package io.mocozoo.evaluate.serve;

/** Too many wait, or they hold too much. */
final class FullException extends RuntimeException {
    private static final long serialVersionUID = 1L;
}
