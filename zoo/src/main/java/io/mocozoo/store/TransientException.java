package io.mocozoo.store;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A failure that another try may mend. */
final class TransientException extends IOException {
    private final transient @Nullable Duration retryAfter;

    TransientException(String message) {
        super(message);
        this.retryAfter = null;
    }

    TransientException(String message, @Nullable Throwable cause, Optional<Duration> retryAfter) {
        super(message, cause);
        this.retryAfter = retryAfter.orElse(null);
    }

    /** How long the server asks to be left alone. */
    Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }
}
