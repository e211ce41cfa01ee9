package io.mocozoo.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.mocozoo.train.torch.Parameters;
import io.mocozoo.train.torch.TorchFunctions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The exponential average of what learns: copied after the first update, then a = a + weight (w - a). Its arrays live
 * as long as the parameters.
 */
final class WeightAverage {
    private final TorchFunctions torch;
    private final double weight;
    private final Map<String, NDArray> arrays = new LinkedHashMap<>();
    private final List<NDArray> parameters = new ArrayList<>();

    WeightAverage(TorchFunctions torch, Parameters parameters, double weight) {
        if (!(weight > 0 && weight <= 1)) {
            throw new IllegalArgumentException("the weight of an average must be in (0, 1], found " + weight);
        }
        this.torch = torch;
        this.weight = weight;
        for (String name : parameters.trained()) {
            NDArray copy =
                    parameters.get(name).stopGradient().duplicate(); // a run may go back to before the first update
            copy.attach(parameters.manager());
            arrays.put(name, copy);
            this.parameters.add(parameters.get(name));
        }
    }

    /** The averages by parameter. */
    Map<String, NDArray> arrays() {
        return arrays;
    }

    /** Takes in the weights behind an update, counted from 1. */
    void update(long updates) {
        try (NDManager step = torch.manager().newSubManager()) {
            List<NDArray> averages = List.copyOf(arrays.values());
            TorchFunctions.Lists lists =
                    new TorchFunctions.Lists().list("a", averages).list("b", parameters);
            if (updates == 1) {
                torch.update(step, "copy", lists);
            } else {
                torch.update(step, "average", lists.one(step.create(weight)));
            }
        }
    }
}
