package io.mocozoo.train.torch;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * A network on every device it learns on. The first replica holds the weights that are updated and written down; the
 * others are copies, brought up to date behind every update. Closes the copies; the first one belongs to its maker.
 *
 * <p>Every replica runs the same number of images, statistics of batch norms and keys come from all of them, and gradients
 * are those of the mean over all images.
 */
public final class Replicas implements AutoCloseable {
    private final TorchFunctions torch;
    private final List<Parameters> all;
    private final Collective collective;

    private Replicas(TorchFunctions torch, List<Parameters> all) {
        this.torch = torch;
        this.all = List.copyOf(all);
        this.collective = new LocalCollective(torch, all.size());
    }

    /**
     * Replicas of a state.
     *
     * @param first where it lies already
     * @param others devices of further replicas; none for a training on one device
     */
    public static Replicas of(TorchFunctions torch, Parameters first, List<Device> others) {
        List<Parameters> all = new ArrayList<>(List.of(first));
        others.forEach(device -> all.add(first.copy(torch.manager().newSubManager(device))));
        return new Replicas(torch, all);
    }

    /** A training on one device. */
    public static Replicas one(TorchFunctions torch, Parameters parameters) {
        return of(torch, parameters, List.of());
    }

    /** The state that is updated and written down. */
    public Parameters first() {
        return all.get(0);
    }

    /** What they tell each other. */
    public Collective collective() {
        return collective;
    }

    /** An interpreter over all of them. */
    public ReplicatedOps ops(NDManager step, Pass pass, Precision precision, TorchOps.DropPath dropPath) {
        List<TorchOps> parts = new ArrayList<>();
        for (Parameters parameters : all) {
            parts.add(new TorchOps(torch, manager(step, parameters), parameters, pass, precision, dropPath));
        }
        return new ReplicatedOps(parts, pass, collective);
    }

    /** The batch's rows, spread evenly: the first rows on the first replica. */
    public List<NDArray> scatter(NDManager step, NDArray batch) {
        long each = Math.floorDiv(batch.getShape().get(0), all.size());
        if (each * all.size() != batch.getShape().get(0)) {
            throw new IllegalArgumentException(
                    "a batch of " + batch.getShape().get(0) + " cannot be spread evenly over " + all.size()
                            + " devices; --set batch=N to a multiple of " + all.size());
        }
        if (all.size() == 1) {
            return List.of(batch);
        }
        List<NDArray> rows = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            NDManager manager = manager(step, all.get(i));
            NDArray own = batch.get(new NDIndex("{}:{}", i * each, (i + 1) * each));
            own.attach(step);
            NDArray here = own.toDevice(manager.getDevice(), false);
            here.attach(manager);
            rows.add(here);
        }
        return rows;
    }

    /** Does the same to every replica; what the first one gives is returned. */
    public double onEach(NDManager step, Update update) {
        double result = update.run(manager(step, first()), first());
        for (Parameters parameters : all.subList(1, all.size())) {
            update.run(manager(step, parameters), parameters);
        }
        return result;
    }

    /** Changes a replica's state. */
    @FunctionalInterface
    public interface Update {
        /** Changes it; the manager owns what is computed on the way. */
        double run(NDManager step, Parameters parameters);
    }

    /** The gradients of what learns, by name, summed over all replicas; they belong to the step. */
    public Map<String, NDArray> gradients(NDManager step) {
        Map<String, NDArray> gradients = first().gradients(step);
        if (collective.replicas() == 1) {
            return gradients;
        }
        List<Map<String, NDArray>> own = new ArrayList<>(List.of(gradients));
        for (Parameters parameters : all.subList(1, all.size())) {
            own.add(parameters.gradients(manager(step, parameters)));
        }
        Map<String, NDArray> sums = new LinkedHashMap<>();
        for (String name : gradients.keySet()) {
            List<NDArray> addends = own.stream().map(byName(name)).toList();
            sums.put(name, collective.allReduce(addends).get(0));
        }
        for (Map<String, NDArray> addends : own) { // the engine would add the next step's to them
            torch.update(step, "zero", new TorchFunctions.Lists().list("g", addends.values()));
        }
        return sums;
    }

    private static Function<Map<String, NDArray>, NDArray> byName(String name) {
        return gradients -> Objects.requireNonNull(gradients.get(name), name);
    }

    /** Brings all of the copies up to date, statistics too: after another state was read into the first replica. */
    public void refresh() {
        try (NDManager step = torch.manager().newSubManager()) {
            all.subList(1, all.size()).forEach(p -> p.follow(first(), first().names(), torch, manager(step, p)));
        }
    }

    /** Brings the copies up to date with what the first replica has learned. */
    public void spread(NDManager step) {
        for (Parameters parameters : all.subList(1, all.size())) {
            parameters.follow(first(), first().trained(), torch, manager(step, parameters));
        }
    }

    private NDManager manager(NDManager step, Parameters parameters) {
        return parameters == first()
                ? step
                : step.newSubManager(parameters.manager().getDevice());
    }

    @Override
    public void close() {
        all.subList(1, all.size()).forEach(Parameters::close);
    }
}
