package io.mocozoo.runtime;

/** A device that was asked for by name and cannot be used; says why and what it needs. */
public final class DeviceException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DeviceException(Device device, String reason, Throwable cause) {
        super(
                "device " + device + " cannot be used: " + reason
                        + "; 'mocozoo doctor' says what is missing, --device cpu runs without it",
                cause);
    }
}
