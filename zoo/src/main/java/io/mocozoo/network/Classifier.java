package io.mocozoo.network;

import java.util.EnumSet;
import java.util.Set;

/**
 * A backbone with one linear layer on its pooled feature.
 *
 * @param backbone the encoder
 * @param classes number of classes
 */
public record Classifier(Backbone backbone, int classes) implements Network {
    public Classifier {
        Checks.positive("classes", classes, Checks.MOST_CLASSES);
    }

    @Override
    public <T> void forward(Ops<T> ops, T image) {
        T map = ops.output(Output.BACKBONE, backbone.forward(ops.at("backbone"), image));
        if (ops.wants(Output.CLASS_MAPS)) {
            ops.output(Output.CLASS_MAPS, ops.linearMap(backbone.headKey(), map, backbone.width(), classes));
        }
        T pooled = ops.output(Output.FEATURES, backbone.pool(ops.at("backbone"), map));
        ops.output(Output.LOGITS, ops.linear(backbone.headKey(), pooled, backbone.width(), classes, true));
    }

    @Override
    public Set<Output> defaultOutputs() {
        return EnumSet.of(Output.LOGITS, Output.BACKBONE, Output.FEATURES);
    }

    @Override
    public Set<Output> outputs() {
        Set<Output> all = Network.super.outputs();
        if (backbone instanceof ResNet) {
            all.add(Output.CLASS_MAPS); // a transformer's class token has no place
        }
        return all;
    }

    @Override
    public Output costAt() {
        return Output.FEATURES;
    }
}
