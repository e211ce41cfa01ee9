package io.mocozoo.train.recipe;

import java.util.List;

/** A recipe that cannot be taken; says every fault at once, each with the place of its field. */
public final class RecipeException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final List<String> problems;

    RecipeException(List<String> problems) {
        super(String.join("\n", problems));
        this.problems = List.copyOf(problems);
    }

    RecipeException(String source, List<String> problems) {
        super(source + ": " + (problems.size() == 1 ? "" : problems.size() + " problems:\n  ")
                + String.join("\n  ", problems));
        this.problems = List.copyOf(problems);
    }

    /** Each fault: the field's place, what was expected, what was found. */
    public List<String> problems() {
        return problems;
    }
}
