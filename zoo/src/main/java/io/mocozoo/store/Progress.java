package io.mocozoo.store;

/** Who is told how long work goes on. */
@FunctionalInterface
public interface Progress {
    /** Tells nobody. */
    Progress NONE = (what, total) -> new Work() {
        @Override
        public void at(long done) {}

        @Override
        public void close() {}
    };

    /**
     * Work begins.
     *
     * @param what it is, for people
     * @param total bytes in all, or -1 if nobody knows
     * @return told of every step, and closed at the end
     */
    Work start(String what, long total);

    /** One piece of work under way. */
    interface Work extends AutoCloseable {
        /** So many bytes are done, those of an earlier try included. */
        void at(long done);

        @Override
        void close();
    }
}
