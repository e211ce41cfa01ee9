package io.mocozoo.checkpoint;

import io.mocozoo.network.Key;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Holds a state dict against the keys a network has: every fault at once. */
public final class StateDictCheck {
    private static final int MOST_LISTED = 20;

    private StateDictCheck() {}

    /**
     * Checks that every needed key is there with its shape.
     *
     * @param file named in errors
     * @param stateDict weights by mmpretrain's keys
     * @param keys all keys the network has, by name
     * @param needed the names that must be there
     * @return the names the network does not have, sorted: worth a warning
     * @throws CheckpointFormatException if any is missing or misshapen; lists all, each missing one with the nearest
     *     spare name
     */
    public static List<String> check(
            Path file, Map<String, StoredTensor> stateDict, Map<String, Key> keys, Collection<String> needed)
            throws CheckpointFormatException {
        Set<String> spare = new TreeSet<>(stateDict.keySet());
        spare.removeAll(keys.keySet());
        List<String> faults = new ArrayList<>();
        for (String name : new TreeSet<>(needed)) {
            StoredTensor tensor = stateDict.get(name);
            Key key = keys.get(name);
            if (key == null) {
                throw new IllegalArgumentException("the network has no key " + name);
            }
            if (tensor == null) {
                faults.add(name + " " + key.shape() + " is missing" + nearest(name, spare));
            } else if (!key.shape().equals(Arrays.stream(tensor.shape()).boxed().toList())) {
                faults.add(name + ": expected shape " + key.shape() + ", found " + Arrays.toString(tensor.shape()));
            }
        }
        if (!faults.isEmpty()) {
            throw new CheckpointFormatException(
                    file,
                    "",
                    null,
                    "the weights do not fit the model, " + faults.size() + " of " + needed.size() + " keys:\n  "
                            + String.join("\n  ", faults) + "\nCheck that the file belongs to this model"
                            + (spare.isEmpty() ? "." : "; it also has " + spare.size() + " keys the model has not."));
        }
        return List.copyOf(spare);
    }

    /** A stranger's keys, made fit for a message: the first few, each short and without control characters. */
    public static String listed(List<String> keys) {
        String some = keys.stream().limit(MOST_LISTED).map(Where::clip).collect(Collectors.joining(", "));
        return keys.size() > MOST_LISTED ? some + " and " + (keys.size() - MOST_LISTED) + " more" : some;
    }

    private static String nearest(String name, Set<String> spare) {
        return spare.stream()
                .max(Comparator.comparingInt(s -> sharedEnds(name, s)))
                .filter(s -> sharedEnds(name, s) * 2 >= name.length())
                .map(s -> "; nearest spare: " + Where.clip(s))
                .orElse("");
    }

    /** Letters that two names share at their beginnings and ends: renamed keys mostly keep their tails. */
    private static int sharedEnds(String a, String b) {
        int most = Math.min(a.length(), b.length());
        int front = 0;
        while (front < most && a.charAt(front) == b.charAt(front)) {
            front++;
        }
        int back = 0;
        while (back < most - front && a.charAt(a.length() - 1 - back) == b.charAt(b.length() - 1 - back)) {
            back++;
        }
        return front + back;
    }
}
