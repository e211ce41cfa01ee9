package io.mocozoo.network;

import java.util.EnumSet;
import java.util.Set;

/**
 * The pretraining model: online encoder with projector and predictor, and a momentum encoder with a projector of the
 * same form.
 *
 * @param backbone the encoder
 * @param projector on the pooled feature
 * @param predictor on the projection
 * @see <a href="https://arxiv.org/abs/2104.02057">Chen et al. 2021, algorithm 1</a>
 */
public record MocoV3(Backbone backbone, Mlp projector, Mlp predictor) implements Network {
    @Override
    public <T> void forward(Ops<T> ops, T image) {
        T map = ops.output(Output.BACKBONE, backbone.forward(ops.at("backbone"), image));
        T pooled = ops.output(Output.FEATURES, backbone.pool(ops.at("backbone"), map));
        T projection = projector.forward(ops.at("neck"), pooled, backbone.width());
        ops.output(Output.PROJECTION, projection);
        ops.output(Output.PREDICTION, predictor.forward(ops.at("head.predictor"), projection, projector.out()));
        if (ops.wants(Output.MOMENTUM_PROJECTION)) {
            momentum(ops, image);
        }
    }

    private <T> void momentum(Ops<T> ops, T image) {
        Ops<T> encoder = new Unnamed<>(ops.at("momentum_encoder.module.0"));
        T pooled = backbone.pool(encoder, backbone.forward(encoder, image));
        T projection = projector.forward(ops.at("momentum_encoder.module.1"), pooled, backbone.width());
        ops.output(Output.MOMENTUM_PROJECTION, projection);
    }

    @Override
    public Set<Output> defaultOutputs() {
        return EnumSet.of(Output.BACKBONE, Output.FEATURES, Output.PROJECTION, Output.PREDICTION);
    }

    @Override
    public Set<Output> outputs() {
        Set<Output> all = Network.super.outputs();
        all.add(Output.MOMENTUM_PROJECTION);
        return all;
    }

    @Override
    public Output costAt() {
        return Output.BACKBONE;
    }
}
