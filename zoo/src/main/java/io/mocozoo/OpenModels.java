package io.mocozoo;

import io.mocozoo.runtime.Model;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Models that stay open between calls: the few used last. One in use is never closed under its user. */
final class OpenModels implements AutoCloseable {
    /** How a model is opened. */
    @FunctionalInterface
    interface Opener {
        Model open(String name) throws IOException;
    }

    /** What is done with an open model. */
    @FunctionalInterface
    interface Use<R> {
        R apply(Model model) throws IOException;
    }

    private final int most;
    private final Opener opener;
    private final Map<String, Slot> slots = new LinkedHashMap<>(16, 0.75f, true); // in order of use
    private boolean closed;

    /** One name's model; its lock is held while the model opens, so that two callers open it once. */
    private static final class Slot {
        private int users;
        private @org.jspecify.annotations.Nullable Model model;

        synchronized Model get(String name, Opener opener) throws IOException {
            if (model == null) {
                model = opener.open(name);
            }
            return model;
        }

        synchronized boolean isOpen() {
            return model != null;
        }

        synchronized void close() {
            if (model != null) {
                model.close();
                model = null;
            }
        }
    }

    OpenModels(int most, Opener opener) {
        if (most < 1) {
            throw new IllegalArgumentException("at least one model must be able to stay open, found " + most);
        }
        this.most = most;
        this.opener = opener;
    }

    <R> R with(String name, Use<R> use) throws IOException {
        Slot slot;
        synchronized (slots) {
            if (closed) {
                throw new IllegalStateException("this zoo is closed");
            }
            slot = slots.computeIfAbsent(name, n -> new Slot());
            slot.users++;
        }
        try {
            return use.apply(slot.get(name, opener));
        } finally {
            int keep;
            synchronized (slots) {
                slot.users--;
                if (slot.users == 0 && !slot.isOpen()) {
                    slots.remove(name, slot); // opening failed: it shall not push out one that is open
                }
                keep = closed ? 0 : most;
            }
            closeUnused(keep);
        }
    }

    /** Closes the longest unused models beyond a number; those in use stay, and are looked at when they are done. */
    private void closeUnused(int keep) {
        List<Slot> closing = new ArrayList<>();
        synchronized (slots) {
            int over = slots.size() - keep;
            for (var it = slots.values().iterator(); it.hasNext() && over > 0; ) {
                Slot slot = it.next();
                if (slot.users == 0) {
                    it.remove();
                    closing.add(slot);
                    over--;
                }
            }
        }
        closing.forEach(Slot::close);
    }

    @Override
    public void close() {
        synchronized (slots) {
            closed = true;
        }
        closeUnused(0);
    }
}
