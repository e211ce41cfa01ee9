package io.mocozoo.checkpoint;

/** Prefixes that wrappers put before the keys of a module. */
final class Prefixes {
    private static final String MODULE = "module.";

    private Prefixes() {}

    /** What DataParallel and its kin put in front, once. */
    static String withoutModule(String key) {
        return key.startsWith(MODULE) ? key.substring(MODULE.length()) : key;
    }
}
