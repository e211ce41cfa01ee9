package io.mocozoo.checkpoint;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a reader found in a file; the tensors are not read yet. */
record Contents(
        CheckpointFormat format,
        Map<String, StoredTensor> stateDict,
        Optional<Map<String, StoredTensor>> emaStateDict,
        Optional<List<String>> classes,
        Map<String, String> metadata,
        List<String> topLevelKeys,
        List<String> warnings) {}
