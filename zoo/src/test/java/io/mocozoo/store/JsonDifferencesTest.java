package io.mocozoo.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class JsonDifferencesTest {
    private static JsonNode json(String text) throws IOException {
        return new JsonMapper().readTree(text.replace('\'', '"'));
    }

    @Test
    void eachFieldThatDiffersIsNamedWithWhatWasAndIs() throws IOException {
        JsonNode before = json("{'a': 1, 'b': {'c': 'x', 'gone': true}, 'list': [{'d': 1}, {'d': 2}], 'mean': [1, 2]}");
        JsonNode now = json("{'b': {'c': 'y', 'more': 5}, 'a': 1, 'list': [{'d': 1}, {'d': 3}], 'mean': [1, 4]}");
        assertThat(JsonDifferences.between(before, now))
                .containsExactly(
                        "b.c: x, now y",
                        "b.more: nothing, now 5",
                        "list.1.d: 2, now 3",
                        "mean: [1,2], now [1,4]",
                        "b.gone: true, now nothing");
    }

    @Test
    void orderOfFieldsIsNoDifference() throws IOException {
        assertThat(JsonDifferences.between(json("{'a': 1, 'b': 2}"), json("{'b': 2, 'a': 1}")))
                .isEmpty();
    }
}
