package io.mocozoo.evaluate;

import java.io.IOException;
import java.util.Optional;
import java.util.ServiceLoader;

/** Reaches other machines; found by {@link ServiceLoader}, so that what it needs is loaded only where it is asked for. */
public interface Clusters {
    /**
     * Connects.
     *
     * @param master where, such as {@code local[2]} or {@code spark://host:port}
     * @param data the data set: a path that every machine sees, or an address such as {@code hdfs://host/imagenet}
     * @throws IOException if nobody answers, or there is no such data set
     */
    Cluster connect(String master, String data) throws IOException;

    /** The one on the class path, if there is one. */
    static Optional<Clusters> find() {
        return ServiceLoader.load(Clusters.class).findFirst();
    }
}
