package io.mocozoo.train.recipe;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How weights move.
 *
 * @param type lars, adamw or sgd
 * @param lr learning rate for a batch of baseBatch
 * @param weightDecay before the rules' factors
 * @param momentum of lars and sgd
 * @param beta1 of adamw
 * @param beta2 of adamw
 * @param epsilon of adamw
 * @param clipNorm gradients longer than this together are scaled down; 0 for never
 * @param normDecay factor on the weight decay of norms
 * @param biasDecay factor on the weight decay of biases
 * @param rules for parameters with a part in their name
 */
public record OptimizerSpec(
        @JsonProperty(required = true) String type,
        @JsonProperty(required = true) double lr,
        @JsonProperty(required = true) double weightDecay,
        double momentum,
        double beta1,
        double beta2,
        double epsilon,
        double clipNorm,
        @Nullable Double normDecay,
        @Nullable Double biasDecay,
        @Nullable List<RuleSpec> rules) {
    public OptimizerSpec {
        rules = rules == null ? List.of() : List.copyOf(rules);
        Faults faults = new Faults();
        faults.oneOf("type", List.of("lars", "adamw", "sgd"), type);
        faults.positive("lr", lr);
        faults.notNegative("weightDecay", weightDecay);
        faults.notNegative("clipNorm", clipNorm);
        faults.notNegative("normDecay", normDecay == null ? 1 : normDecay);
        faults.notNegative("biasDecay", biasDecay == null ? 1 : biasDecay);
        faults.share("momentum", momentum);
        if (type.equals("adamw")) {
            faults.expect(beta1 > 0 && beta1 < 1, "beta1", "a number above 0 and below 1", beta1);
            faults.expect(beta2 > 0 && beta2 < 1, "beta2", "a number above 0 and below 1", beta2);
            faults.positive("epsilon", epsilon);
        }
        faults.end();
    }

    /**
     * A rule for parameters.
     *
     * @param part of their names
     * @param decay factor on their weight decay
     * @param excludedFromLars whether LARS leaves their learning rate as it is
     */
    public record RuleSpec(
            @JsonProperty(required = true) String part,
            @JsonProperty(required = true) double decay,
            boolean excludedFromLars) {
        public RuleSpec {
            Faults faults = new Faults();
            faults.expect(!part.isBlank(), "part", "a part of a parameter's name", '"' + part + '"');
            faults.notNegative("decay", decay);
            faults.end();
        }
    }
}
