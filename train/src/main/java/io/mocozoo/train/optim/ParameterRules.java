package io.mocozoo.train.optim;

import io.mocozoo.network.Key;
import io.mocozoo.train.recipe.OptimizerSpec;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Which parameters are decayed and how fast they learn. The longest custom key that is part of a parameter's name
 * decides alone (of equally long ones the first in the alphabet); else norms and biases have rules of their own.
 *
 * @param custom rules by parts of names
 * @param normDecay factor on the weight decay of norm layers
 * @param biasDecay factor on the weight decay of other biases
 */
public record ParameterRules(List<Custom> custom, double normDecay, double biasDecay) {
    /** Everything alike. */
    public static final ParameterRules NONE = new ParameterRules(List.of(), 1, 1);

    public ParameterRules {
        custom = custom.stream()
                .sorted(Comparator.comparingInt((Custom c) -> -c.part().length())
                        .thenComparing(Custom::part))
                .toList();
    }

    /**
     * A rule for names with a part.
     *
     * @param part of a name
     * @param decay factor on the weight decay
     * @param excluded whether LARS leaves the learning rate as it is
     */
    public record Custom(String part, double decay, boolean excluded) {}

    /**
     * What holds for a parameter.
     *
     * @param decay factor on the weight decay
     * @param excluded whether LARS leaves the learning rate as it is
     */
    public record Rule(double decay, boolean excluded) {}

    /** The rules of a recipe; a factor that it leaves out is 1. */
    public static ParameterRules of(OptimizerSpec spec) {
        List<OptimizerSpec.RuleSpec> rules = spec.rules() == null ? List.of() : spec.rules();
        return new ParameterRules(
                rules.stream()
                        .map(r -> new Custom(r.part(), r.decay(), r.excludedFromLars()))
                        .toList(),
                spec.normDecay() == null ? 1 : spec.normDecay(),
                spec.biasDecay() == null ? 1 : spec.biasDecay());
    }

    /** The rule of a parameter; a norm's weight is known by being the only one with a single axis. */
    public Rule of(Key key, Optional<Key> siblingWeight) {
        for (Custom rule : custom) {
            if (key.name().contains(rule.part())) {
                return new Rule(rule.decay(), rule.excluded());
            }
        }
        boolean norm = siblingWeight.filter(w -> w.shape().size() == 1).isPresent();
        boolean bias = key.name().endsWith(".bias");
        return new Rule(norm ? normDecay : bias ? biasDecay : 1, false);
    }
}
