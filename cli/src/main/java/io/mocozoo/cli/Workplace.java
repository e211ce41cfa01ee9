package io.mocozoo.cli;

import io.mocozoo.data.Dataset;
import io.mocozoo.data.Datasets;
import io.mocozoo.evaluate.Cluster;
import io.mocozoo.evaluate.Clusters;
import java.io.IOException;
import java.util.Optional;
import java.util.ServiceConfigurationError;

/** Where an evaluation is worked on, and the data set as it is seen from there. */
record Workplace(Dataset data, Optional<Cluster> cluster) implements AutoCloseable {
    private static final String MISSING = "--spark needs the module mocozoo-spark and Apache Spark (spark-core_2.13) on"
            + " the class path; ./mocozoo fetches both when --spark is among its words, spark-submit brings Spark and takes"
            + " the module by --jars";

    /** This process, or what {@code --spark} names. */
    static Workplace of(Invocation call) throws IOException, UsageException {
        String data = call.text("data").orElseThrow(() -> new UsageException("--data is missing"));
        Optional<String> master = call.text("spark");
        if (master.isEmpty()) {
            if (data.matches("[A-Za-z][A-Za-z0-9+.-]+://.*")) {
                throw new UsageException("--data: addresses such as " + data + " are read with --spark alone");
            }
            return new Workplace(Datasets.open(call.path("data"), "val"), Optional.empty());
        }
        if (call.devices().size() > 1) {
            throw new UsageException("--spark opens one session on each machine; --device expects one device with it");
        }
        try {
            Clusters clusters = Clusters.find().orElseThrow(() -> new IOException(MISSING));
            Cluster cluster = clusters.connect(master.get(), data);
            return new Workplace(cluster.data(), Optional.of(cluster));
        } catch (LinkageError | ServiceConfigurationError e) {
            throw new IOException(MISSING + " (" + e + ")", e);
        }
    }

    @Override
    public void close() {
        cluster.ifPresent(Cluster::close);
    }
}
