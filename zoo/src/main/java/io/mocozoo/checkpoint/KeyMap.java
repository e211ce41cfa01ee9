package io.mocozoo.checkpoint;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Brings the keys of a state dict to mmpretrain's, whoever wrote it. No tensor changes: all layouts agree on shapes and
 * order.
 *
 * <table>
 * <caption>From the outside in</caption>
 * <tr><th>layout</th><th>base encoder</th><th>momentum encoder</th><th>predictor</th></tr>
 * <tr><td>mmpretrain</td><td>{@code backbone. neck.}</td><td>{@code momentum_encoder.module.0. .1.}</td>
 *     <td>{@code head.predictor.}</td></tr>
 * <tr><td>MMSelfSup 0.x</td><td>{@code base_encoder.0. .1.}, and the above again</td>
 *     <td>{@code momentum_encoder.0. .1.}</td><td>{@code head.predictor.}</td></tr>
 * <tr><td>moco-v3</td><td>{@code base_encoder.}</td><td>{@code momentum_encoder.}</td><td>{@code predictor.}</td></tr>
 * <tr><td>backbone alone: timm, DeiT, torchvision</td><td>no prefix; {@code head.} or {@code fc.} is the classifier</td>
 *     <td></td><td></td></tr>
 * </table>
 *
 * <p>Within an encoder timm's names ({@code blocks.0.mlp.fc1}) become mmpretrain's ({@code layers.0.ffn.layers.0.0});
 * torchvision's ResNet names are the same in both.
 *
 * @see <a href="https://github.com/facebookresearch/moco-v3/blob/main/moco/builder.py">moco-v3, the names of its parts</a>
 */
public final class KeyMap {
    private KeyMap() {}

    /**
     * Renames the keys of a state dict of any known layout. Keys that no rule knows keep their name, and may be spare;
     * where two keys come to the same name, the one that had it all along stays.
     *
     * @param stateDict tensors by key, not changed
     * @param expectedKeys the keys of the network that is wanted, in mmpretrain's naming; they tell which head a
     *     classifier has, and whether a backbone's keys carry a prefix
     * @return the same tensors by mmpretrain's keys, in the same order; unmodifiable
     */
    public static Map<String, StoredTensor> toMmpretrain(
            Map<String, StoredTensor> stateDict, Set<String> expectedKeys) {
        KeyLayout layout = KeyLayout.of(stateDict.keySet());
        Map<String, StoredTensor> renamed = new LinkedHashMap<>();
        for (Map.Entry<String, StoredTensor> entry : stateDict.entrySet()) {
            String plain = Prefixes.withoutModule(entry.getKey());
            String key = fit(layout.rename(plain, expectedKeys), expectedKeys);
            if (key.equals(plain)) {
                renamed.put(key, entry.getValue());
            } else {
                renamed.putIfAbsent(key, entry.getValue());
            }
        }
        return Collections.unmodifiableMap(renamed);
    }

    /**
     * The layout that {@link #toMmpretrain} would take a state dict for, in words for a report.
     *
     * @param keys the keys of the state dict
     */
    public static String layout(Set<String> keys) {
        return KeyLayout.of(keys).words();
    }

    /** A network may be a backbone alone, whose keys have no prefix. */
    private static String fit(String key, Set<String> expected) {
        String bare = key.startsWith("backbone.") ? key.substring("backbone.".length()) : key;
        return !expected.contains(key) && expected.contains(bare) ? bare : key;
    }
}
