package io.mocozoo.train.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.mocozoo.network.Key;
import io.mocozoo.train.recipe.OptimizerSpec;
import io.mocozoo.train.torch.Parameters;
import io.mocozoo.train.torch.TorchFunctions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Moves the weights that learn against their gradients. Its state lives beside the parameters and is part of a
 * checkpoint.
 */
public abstract sealed class Optimizer permits Sgd, Lars, AdamW {
    private final Map<ParameterRules.Rule, List<String>> groups = new LinkedHashMap<>();
    private final Map<String, NDArray> state = new LinkedHashMap<>();
    private final List<String> slots;

    final TorchFunctions torch;
    final Parameters parameters;

    /**
     * An optimiser of everything that learns.
     *
     * @param slots names of the arrays it keeps for each parameter, zeros at first
     */
    Optimizer(TorchFunctions torch, Parameters parameters, ParameterRules rules, List<String> slots) {
        this.torch = torch;
        this.parameters = parameters;
        this.slots = List.copyOf(slots);
        for (String name : parameters.trained()) {
            groups.computeIfAbsent(rules.of(parameters.key(name), sibling(name)), r -> new ArrayList<>())
                    .add(name);
            for (String slot : slots) {
                NDArray zeros = parameters.get(name).zerosLike();
                zeros.attach(parameters.manager());
                state.put(slot + "." + name, zeros);
            }
        }
    }

    /** The optimiser that a recipe asks for. */
    public static Optimizer of(OptimizerSpec spec, TorchFunctions torch, Parameters parameters) {
        ParameterRules rules = ParameterRules.of(spec);
        double decay = spec.weightDecay();
        return switch (spec.type()) {
            case "lars" -> new Lars(torch, parameters, rules, spec.momentum(), decay);
            case "sgd" -> new Sgd(torch, parameters, rules, spec.momentum(), decay);
            case "adamw" -> new AdamW(torch, parameters, rules, spec.beta1(), spec.beta2(), spec.epsilon(), decay);
            default -> throw new IllegalStateException("checked by the recipe: " + spec.type());
        };
    }

    private Optional<Key> sibling(String name) {
        String weight = name.substring(0, name.lastIndexOf('.') + 1) + "weight";
        return parameters.has(weight) ? Optional.of(parameters.key(weight)) : Optional.empty();
    }

    /** The arrays kept between steps, by slot and parameter: {@code momentum.backbone.conv1.weight}. */
    public Map<String, NDArray> state() {
        return state;
    }

    List<NDArray> slot(String slot, List<String> names) {
        if (!slots.contains(slot)) {
            throw new IllegalArgumentException("no slot " + slot);
        }
        return names.stream()
                .map(n -> Objects.requireNonNull(state.get(slot + "." + n)))
                .toList();
    }

    List<NDArray> weights(List<String> names) {
        return names.stream().map(parameters::get).toList();
    }

    static List<NDArray> of(Map<String, NDArray> gradients, List<String> names) {
        return names.stream().map(n -> Objects.requireNonNull(gradients.get(n))).toList();
    }

    /**
     * One update.
     *
     * @param step owns what is computed on the way
     * @param gradients of everything that learns; changed
     * @param learningRate of this step
     */
    public final void step(NDManager step, Map<String, NDArray> gradients, double learningRate) {
        begin();
        groups.forEach((rule, names) -> update(step, rule, names, gradients, learningRate));
        skip(step, gradients);
    }

    /** A step that changes no weight: its gradients are dropped. */
    public final void skip(NDManager step, Map<String, NDArray> gradients) {
        torch.update(step, "zero", new TorchFunctions.Lists().list("g", gradients.values()));
    }

    /** A step begins. */
    void begin() {}

    /** Updates made so far, where the arithmetic depends on it. */
    public long updates() {
        return 0;
    }

    /** Goes on from a number of updates. */
    public void updates(long count) {}

    abstract void update(
            NDManager step,
            ParameterRules.Rule rule,
            List<String> names,
            Map<String, NDArray> gradients,
            double learningRate);
}
