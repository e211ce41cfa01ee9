package io.mocozoo.evaluate;

import io.mocozoo.data.Dataset;
import io.mocozoo.evaluate.file.RunException;
import io.mocozoo.runtime.Labels;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * What is right for each image, in the model's classes. Folders named as the model's classes are matched by name, so that
 * a data set may hold some of them; others by their order, and then there must be as many. A {@link LabelMap} says it
 * for data sets that fit neither.
 */
final class Targets {
    private static final Pattern NUMBER = Pattern.compile("0|[1-9][0-9]{0,8}");

    private final Dataset data;
    private final LabelMap map;
    private final int[][] ofClass; // [data set's class] -> evaluated classes
    private final int[] evaluated; // [evaluated class] -> the model's
    private final List<String> names;
    private final String how;

    private Targets(Dataset data, LabelMap map, int[][] ofClass, int[] evaluated, List<String> names, String how) {
        this.data = data;
        this.map = map;
        this.ofClass = ofClass;
        this.evaluated = evaluated;
        this.names = names;
        this.how = how;
    }

    /**
     * Of a data set for a model.
     *
     * @param classes number of the model's classes
     * @throws RunException if the images have no labels, or the classes do not fit
     */
    static Targets of(Dataset data, Labels labels, int classes, LabelMap map) throws RunException {
        List<String> own = data.classes();
        if (own.isEmpty() && map.images().isEmpty()) {
            throw new RunException("expected labelled images, found " + data.size() + " without labels; sort them into"
                    + " class folders, or add a list of path and label (val.txt, val.csv)");
        }
        if (!map.images().isEmpty()
                && IntStream.range(0, data.size()).allMatch(i -> map.ofImage(data.name(i)) == null)) {
            throw new RunException("the label map has labels for images such as '"
                    + map.images().keySet().iterator().next() + "', but for none of this data set, such as '"
                    + data.name(0) + "'; name them as the data set does, with or without folders");
        }
        int[][] ofClass = new int[own.size()][];
        String how = "order";
        if (!map.classes().isEmpty() || (!map.images().isEmpty() && own.isEmpty())) {
            how = "label map";
            for (int c = 0; c < own.size(); c++) {
                ofClass[c] = map.ofClass(own.get(c), c);
            }
        } else if (isByNumber(own)) {
            how = "number";
            int most = 0;
            for (int c = 0; c < own.size(); c++) {
                int number = Integer.parseInt(own.get(c));
                ofClass[c] = new int[] {number};
                most = Math.max(most, number);
            }
            refuseBeyond(most + 1, classes, "labels up to " + most);
        } else {
            Map<String, Integer> byName = byName(labels, classes);
            boolean named = byName.keySet().containsAll(own);
            how = named ? "name" : "order";
            for (int c = 0; c < own.size(); c++) {
                ofClass[c] = new int[] {named ? byName.getOrDefault(own.get(c), c) : c};
            }
            if (!named && own.size() != classes) {
                throw new RunException("expected " + classes + " classes in the model's order, or folders named as its"
                        + " classes, found " + own.size() + " folders such as '" + own.get(0)
                        + "'; say with --label-map which class each of them is");
            }
        }
        return mapped(data, labels, classes, map, ofClass, how);
    }

    private static Targets mapped(Dataset data, Labels labels, int classes, LabelMap map, int[][] ofClass, String how)
            throws RunException {
        HashSet<Integer> used = new HashSet<>();
        for (int[] some : ofClass) {
            for (int c : some) {
                used.add(c);
            }
        }
        map.images().values().forEach(some -> {
            for (int c : some) {
                used.add(c);
            }
        });
        refuseBeyond(used.stream().mapToInt(c -> c + 1).max().orElse(0), classes, "the label map");
        int[] evaluated = map.only()
                ? used.stream().mapToInt(c -> c).sorted().toArray()
                : IntStream.range(0, classes).toArray();
        int[] place = new int[classes];
        List<String> names = new ArrayList<>();
        for (int e = 0; e < evaluated.length; e++) {
            place[evaluated[e]] = e;
            names.add(labels.name(evaluated[e]));
        }
        int[][] placed = new int[ofClass.length][];
        for (int c = 0; c < ofClass.length; c++) {
            placed[c] = java.util.Arrays.stream(ofClass[c]).map(l -> place[l]).toArray();
        }
        return new Targets(data, map.placed(place), placed, evaluated, names, how);
    }

    private static void refuseBeyond(int needed, int classes, String what) throws RunException {
        if (needed > classes) {
            throw new RunException(
                    what + " need " + needed + " classes, the model has " + classes + "; is it the right model?");
        }
    }

    /** Lists and tars without names have numbers for them, and so have some data sets' folders, in whatever order. */
    private static boolean isByNumber(List<String> names) {
        return names.stream().allMatch(n -> NUMBER.matcher(n).matches());
    }

    /** Names that stand for one class alone. */
    private static Map<String, Integer> byName(Labels labels, int classes) {
        Map<String, Integer> byName = new HashMap<>();
        HashSet<String> twice = new HashSet<>();
        for (int i = 0; i < Math.min(classes, labels.names().size()); i++) {
            if (byName.putIfAbsent(labels.name(i), i) != null) {
                twice.add(labels.name(i));
            }
        }
        byName.keySet().removeAll(twice);
        return byName;
    }

    /** How labels were matched to the model's classes: name, order, number or label map. */
    String how() {
        return how;
    }

    /** The evaluated classes by their numbers in the model; all of them unless the label map says only some. */
    int[] evaluated() {
        return evaluated.clone();
    }

    /** The names of the evaluated classes. */
    List<String> names() {
        return names;
    }

    /** What is right for an image, by evaluated classes; nothing leaves the image out. */
    int[] of(int index) {
        int[] own = map.ofImage(data.name(index));
        if (own != null) {
            return own;
        }
        int label = data.label(index);
        return label < 0 || label >= ofClass.length ? new int[0] : ofClass[label];
    }
}
