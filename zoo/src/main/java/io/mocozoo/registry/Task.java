package io.mocozoo.registry;

import java.util.Optional;
import java.util.stream.Stream;

/** What a model is for. */
public enum Task {
    /** One label an image. */
    IMAGE_CLASSIFICATION("image-classification", "Image Classification"),
    /** An encoder learnt without labels; the reference gives these no task, "null". */
    PRETRAINING("self-supervised-pretraining", "null");

    private final String word;
    private final String referenceWord;

    Task(String word, String referenceWord) {
        this.word = word;
        this.referenceWord = referenceWord;
    }

    /** The name in a card. */
    public String word() {
        return word;
    }

    /** The task that goes by a card's word or the reference's, such as "Image Classification"; empty if none does. */
    public static Optional<Task> of(String word) {
        return Stream.of(values())
                .filter(t -> t.word.equals(word) || t.referenceWord.equals(word))
                .findFirst();
    }
}
