package io.mocozoo.checkpoint;

import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Who named the keys of a state dict, and what the names are in mmpretrain. */
enum KeyLayout {
    MMPRETRAIN("mmpretrain") {
        @Override
        String rename(String key, Set<String> expected) {
            return key;
        }
    },

    MMSELFSUP("MMSelfSup 0.x") {
        @Override
        String rename(String key, Set<String> expected) {
            Matcher part = SEQUENTIAL.matcher(key);
            if (!part.matches()) {
                return key.startsWith(BACKBONE) ? BACKBONE + encoder(after(BACKBONE, key)) : key;
            }
            boolean online = part.group(1).equals("base_encoder");
            boolean trunk = part.group(2).equals("0");
            String prefix = online ? (trunk ? BACKBONE : NECK) : MOMENTUM + part.group(2) + ".";
            return prefix + (trunk ? encoder(part.group(3)) : part.group(3));
        }
    },

    MOCO_V3("moco-v3") {
        @Override
        String rename(String key, Set<String> expected) {
            if (key.startsWith("base_encoder.")) {
                return encoderOrProjector(after("base_encoder.", key), BACKBONE, NECK);
            }
            if (key.startsWith("momentum_encoder.")) {
                return encoderOrProjector(after("momentum_encoder.", key), MOMENTUM + "0.", MOMENTUM + "1.");
            }
            return key.startsWith("predictor.") ? mlp("head.predictor.", after("predictor.", key), key) : key;
        }
    },

    /** An encoder by itself, or with a classifier: timm, DeiT, torchvision, moco-v3's linear probe, mmpretrain's own. */
    ENCODER("encoder without prefix (timm, DeiT, torchvision)") {
        @Override
        String rename(String key, Set<String> expected) {
            Matcher classifier = CLASSIFIER.matcher(key);
            if (expected.contains(key)) {
                return key; // a head by itself
            }
            if (classifier.matches()) {
                boolean vit = expected.contains("head.layers.head.weight");
                return (vit ? "head.layers.head." : "head.fc.") + classifier.group(1);
            }
            return encoderOrProjector(key, BACKBONE, NECK);
        }
    };

    private static final String BACKBONE = "backbone.";
    private static final String NECK = "neck.";
    private static final String MOMENTUM = "momentum_encoder.module.";

    private static final Pattern SEQUENTIAL = Pattern.compile("(base_encoder|momentum_encoder)\\.([01])\\.(.+)");
    private static final Pattern CLASSIFIER = Pattern.compile("(?:head|fc)\\.(weight|bias)");
    private static final Pattern PROJECTOR = Pattern.compile("(?:head|fc)\\.(\\d+\\..+)");
    private static final Pattern MLP = Pattern.compile("(\\d{1,3})\\.(.+)");
    private static final Pattern BLOCK = Pattern.compile("blocks\\.(\\d+)\\.(.+)");

    private final String words;

    KeyLayout(String words) {
        this.words = words;
    }

    String words() {
        return words;
    }

    /** mmpretrain's name of a key that has no {@code module.} in front. */
    abstract String rename(String key, Set<String> expected);

    static KeyLayout of(Set<String> keys) {
        boolean mmpretrain = false;
        boolean moco = false;
        for (String wrapped : keys) {
            String key = Prefixes.withoutModule(wrapped);
            if (SEQUENTIAL.matcher(key).matches()) {
                return MMSELFSUP;
            }
            mmpretrain |= key.startsWith(BACKBONE) || key.startsWith(MOMENTUM);
            moco |= key.startsWith("base_encoder.");
        }
        return mmpretrain ? MMPRETRAIN : moco ? MOCO_V3 : ENCODER;
    }

    private static String after(String prefix, String key) {
        return key.substring(prefix.length());
    }

    /** moco-v3 puts the projector in the place of the classifier: {@code head.} of a ViT, {@code fc.} of a ResNet. */
    private static String encoderOrProjector(String key, String backbone, String neck) {
        Matcher projector = PROJECTOR.matcher(key);
        return projector.matches() ? mlp(neck, projector.group(1), key) : backbone + encoder(key);
    }

    /** Linear, BN, ReLU, Linear, BN, ReLU, ... by index: 0 is fc0, 1 is bn0, 3 is fc1, ... */
    private static String mlp(String prefix, String part, String otherwise) {
        Matcher layer = MLP.matcher(part);
        if (!layer.matches()) {
            return otherwise;
        }
        int index = Integer.parseInt(layer.group(1));
        return switch (index % 3) {
            case 0 -> prefix + "fc" + index / 3 + "." + layer.group(2);
            case 1 -> prefix + "bn" + index / 3 + "." + layer.group(2);
            default -> otherwise; // a ReLU has no state
        };
    }

    /** timm's names within an encoder; others are mmpretrain's already. */
    private static String encoder(String key) {
        Matcher block = BLOCK.matcher(key);
        if (block.matches()) {
            return "layers." + block.group(1) + "." + block(block.group(2));
        }
        if (key.startsWith("patch_embed.proj.")) {
            return "patch_embed.projection." + after("patch_embed.proj.", key);
        }
        return key.startsWith("norm.") ? "ln1." + after("norm.", key) : key;
    }

    private static String block(String key) {
        if (key.startsWith("norm1.") || key.startsWith("norm2.")) {
            return "ln" + after("norm", key);
        }
        if (key.startsWith("mlp.fc1.")) {
            return "ffn.layers.0.0." + after("mlp.fc1.", key);
        }
        return key.startsWith("mlp.fc2.") ? "ffn.layers.1." + after("mlp.fc2.", key) : key;
    }
}
