package io.mocozoo.registry;

import java.io.IOException;
import java.util.List;

/** A registry file that cannot be taken; says every fault at once, each with the path of its field. */
public final class RegistryException extends IOException {
    private static final long serialVersionUID = 1L;

    private final List<String> problems;

    RegistryException(String source, List<String> problems) {
        super(source + ": " + (problems.size() == 1 ? "" : problems.size() + " problems:\n  ")
                + String.join("\n  ", problems));
        this.problems = List.copyOf(problems);
    }

    /** Each fault: the field's path, what was expected, what was found. */
    public List<String> problems() {
        return problems;
    }
}
