package io.mocozoo.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyMapTest {
    private static Map<String, StoredTensor> dict(String... keys) {
        Map<String, StoredTensor> dict = new LinkedHashMap<>();
        Arrays.stream(keys).forEach(key -> dict.put(key, StoredTensor.ofFloats(new float[] {1}, 1)));
        return dict;
    }

    private static Set<String> rename(Map<String, StoredTensor> dict, String... expected) {
        return KeyMap.toMmpretrain(dict, Set.of(expected)).keySet();
    }

    @ParameterizedTest
    @CsvSource({
        "module.base_encoder.cls_token, backbone.cls_token",
        "base_encoder.patch_embed.proj.weight, backbone.patch_embed.projection.weight",
        "base_encoder.blocks.11.norm1.weight, backbone.layers.11.ln1.weight",
        "base_encoder.blocks.0.norm2.bias, backbone.layers.0.ln2.bias",
        "base_encoder.blocks.0.attn.qkv.bias, backbone.layers.0.attn.qkv.bias",
        "base_encoder.blocks.0.mlp.fc1.weight, backbone.layers.0.ffn.layers.0.0.weight",
        "base_encoder.blocks.0.mlp.fc2.weight, backbone.layers.0.ffn.layers.1.weight",
        "base_encoder.norm.weight, backbone.ln1.weight",
        "base_encoder.head.0.weight, neck.fc0.weight",
        "base_encoder.head.4.running_var, neck.bn1.running_var",
        "base_encoder.fc.1.weight, neck.bn0.weight",
        "base_encoder.layer1.0.downsample.1.bias, backbone.layer1.0.downsample.1.bias",
        "momentum_encoder.head.6.weight, momentum_encoder.module.1.fc2.weight",
        "momentum_encoder.norm.bias, momentum_encoder.module.0.ln1.bias",
        "predictor.0.weight, head.predictor.fc0.weight",
        "predictor.4.num_batches_tracked, head.predictor.bn1.num_batches_tracked",
        "predictor.2.weight, predictor.2.weight",
    })
    void renamesTheOriginalScriptsKeys(String key, String expected) {
        Map<String, StoredTensor> dict = dict("base_encoder.conv1.weight", key);
        assertThat(rename(dict)).contains(expected);
        assertThat(KeyMap.layout(dict.keySet())).isEqualTo("moco-v3");
    }

    @Test
    void renamesMmselfsupsTwoNamesOfOneEncoder() {
        Map<String, StoredTensor> dict = dict(
                "base_encoder.0.layers.0.ln1.weight",
                "base_encoder.1.fc0.weight",
                "backbone.layers.0.ln1.weight",
                "momentum_encoder.0.ln1.weight",
                "momentum_encoder.1.bn0.bias",
                "head.predictor.fc0.weight");
        Map<String, StoredTensor> renamed = KeyMap.toMmpretrain(dict, Set.of());
        assertThat(renamed)
                .containsOnlyKeys(
                        "backbone.layers.0.ln1.weight",
                        "neck.fc0.weight",
                        "momentum_encoder.module.0.ln1.weight",
                        "momentum_encoder.module.1.bn0.bias",
                        "head.predictor.fc0.weight");
        assertThat(renamed.get("backbone.layers.0.ln1.weight")).isSameAs(dict.get("backbone.layers.0.ln1.weight"));
    }

    @Test
    void theExpectedKeysDecideWhichHeadAClassifierHas() {
        Map<String, StoredTensor> vit = dict("module.cls_token", "module.head.weight", "module.head.bias");
        assertThat(rename(vit, "head.layers.head.weight"))
                .containsExactly("backbone.cls_token", "head.layers.head.weight", "head.layers.head.bias");
        assertThat(rename(dict("conv1.weight", "fc.weight"), "head.fc.weight"))
                .containsExactly("backbone.conv1.weight", "head.fc.weight");
    }

    @Test
    void addsAPrefixToABackboneAloneUnlessNoneIsWanted() {
        assertThat(rename(dict("layers.0.ln1.weight", "pos_embed"), "backbone.pos_embed"))
                .containsExactly("backbone.layers.0.ln1.weight", "backbone.pos_embed");
        assertThat(rename(dict("blocks.0.norm1.weight"), "layers.0.ln1.weight")).containsExactly("layers.0.ln1.weight");
        assertThat(rename(dict("backbone.conv1.weight"), "conv1.weight")).containsExactly("conv1.weight");
    }

    @Test
    void aProjectorLeftInABackboneFileIsANeck() {
        assertThat(rename(dict("conv1.weight", "fc.0.weight", "fc.4.running_mean")))
                .containsExactly("backbone.conv1.weight", "neck.fc0.weight", "neck.bn1.running_mean");
    }

    @Test
    void mmpretrainsOwnKeysStay() {
        String[] keys = {"backbone.cls_token", "momentum_encoder.steps", "momentum_encoder.module.0.ln1.bias", "spare"};
        assertThat(rename(dict(keys), keys)).containsExactly(keys);
        assertThat(KeyMap.layout(Set.of(keys))).isEqualTo("mmpretrain");
    }
}
