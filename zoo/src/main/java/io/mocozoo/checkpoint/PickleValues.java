package io.mocozoo.checkpoint;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a pickle's values become. Beside the types here a value is a {@code String}, {@code Long}, {@code BigInteger},
 * {@code Double}, {@code Boolean}, a {@link Storage} or a {@link StridedTensor}. Containers are compared by identity and
 * have no text of their own: a hostile pickle may nest them a million deep, or hold itself.
 */
final class PickleValues {
    private PickleValues() {}

    /** Python's None. */
    enum None {
        NONE
    }

    /** Where MARK was. */
    enum Mark {
        MARK
    }

    /** Text or bytes that nobody will ask for, too long to decode. */
    record Opaque(long length) {}

    /** A class or function, by name; never looked up. */
    record Global(String name) {
        static Global of(String module, String name) {
            return new Global(module + "." + name);
        }

        /** Python 2 and NumPy 2 spell a few modules otherwise. */
        String canonical() {
            if (name.startsWith("__builtin__.")) {
                return "builtins." + name.substring("__builtin__.".length());
            }
            if (name.startsWith("numpy._core.")) {
                return "numpy.core." + name.substring("numpy._core.".length());
            }
            return name;
        }
    }

    /** What a global would have made if it had been called. */
    record Inert(Global global) {}

    /** A tuple; also a frozenset. */
    static final class PyTuple {
        private final Object[] items;

        PyTuple(Object... items) {
            this.items = items;
        }

        int size() {
            return items.length;
        }

        Object get(int i) {
            return items[i];
        }

        List<Object> items() {
            return Collections.unmodifiableList(Arrays.asList(items)); // a view: no copy
        }
    }

    /** A list; also a set, which nobody asks whether it contains something. */
    static final class PyList {
        private final List<Object> items = new ArrayList<>(0);

        void add(Object item) {
            items.add(item);
        }

        List<Object> items() {
            return items;
        }
    }

    /** A dict, kept as pairs: keys of strangers are not hashed before they are known to be strings. */
    static final class PyDict {
        private final List<Object> pairs = new ArrayList<>(0);

        void put(Object key, Object value) {
            pairs.add(key);
            pairs.add(value);
        }

        int size() {
            return pairs.size() / 2;
        }

        /** The last value under a name. */
        @Nullable
        Object get(String name) {
            for (int i = pairs.size() - 2; i >= 0; i -= 2) {
                if (name.equals(pairs.get(i))) {
                    return pairs.get(i + 1);
                }
            }
            return null;
        }

        /** The entries whose keys are strings, in order; a later entry replaces an earlier one in its place. */
        Map<String, Object> named() {
            Map<String, Object> named = new LinkedHashMap<>();
            for (int i = 0; i < pairs.size(); i += 2) {
                if (pairs.get(i) instanceof String name) {
                    named.put(name, pairs.get(i + 1));
                }
            }
            return named;
        }
    }

    /** What a value is, for a message; never its content, which may be endless. */
    static String describe(Object value) {
        if (value instanceof Global global) {
            return "the global '" + Where.clip(global.name()) + "'";
        }
        if (value instanceof Inert inert) {
            return "an object made by the global '" + Where.clip(inert.global().name()) + "'";
        }
        if (value instanceof String text) {
            return "the string '" + Where.clip(text) + "'";
        }
        if (value instanceof PyTuple tuple) {
            return "a tuple of " + tuple.size();
        }
        if (value instanceof PyList list) {
            return "a list of " + list.items().size();
        }
        if (value instanceof PyDict dict) {
            return "a dict of " + dict.size();
        }
        if (value instanceof Long || value instanceof Double || value instanceof Boolean) {
            return "the value " + value;
        }
        return value instanceof StridedTensor
                ? "a tensor"
                : value instanceof Storage ? "a storage" : value == None.NONE ? "None" : "a value of another kind";
    }
}
