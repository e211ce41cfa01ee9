package io.mocozoo.evaluate.spark;

import io.mocozoo.evaluate.Cluster;
import io.mocozoo.evaluate.Clusters;
import io.mocozoo.evaluate.file.RunException;
import java.io.File;
import java.io.IOException;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/** Connects to Spark. Whatever {@code spark-submit} or the system properties say of {@code spark.*} holds. */
public final class SparkClusters implements Clusters {
    /** Where the launcher says which jars executors need beside Spark's own. */
    private static final String JARS = "MOCOZOO_SPARK_JARS";

    private static final Pattern HERE = Pattern.compile("local(\\[.*])?|spark://(127\\.[0-9.]+|localhost):\\d+");

    /** For the service loader. */
    public SparkClusters() {}

    @Override
    public Cluster connect(String master, String data) throws IOException {
        JavaSparkContext spark = context(master);
        try {
            Images images = Images.of(data);
            return new SparkCluster(spark, master, images, images.open());
        } catch (IOException | RuntimeException e) {
            boolean gone = spark.sc().isStopped();
            spark.stop();
            if (gone) {
                throw new RunException("Spark at '" + master + "' ended" + SparkCluster.GONE, e);
            }
            throw e;
        }
    }

    private static JavaSparkContext context(String master) throws IOException {
        SparkConf conf = new SparkConf().setMaster(master);
        conf.setIfMissing("spark.app.name", "mocozoo evaluate");
        conf.setIfMissing("spark.ui.enabled", "false");
        if (HERE.matcher(master).matches()) { // nobody else need reach us
            conf.setIfMissing("spark.driver.host", "127.0.0.1");
            conf.setIfMissing("spark.driver.bindAddress", "127.0.0.1");
        }
        String jars = System.getenv(JARS);
        if (jars != null && !master.startsWith("local") && !conf.contains("spark.jars")) {
            conf.setJars(Arrays.stream(jars.split(File.pathSeparator))
                    .filter(j -> !j.isEmpty())
                    .toArray(String[]::new));
        }
        try {
            return new JavaSparkContext(conf);
        } catch (Exception e) { // Scala throws what it does not declare
            throw new RunException(
                    "Spark cannot be reached or started at '" + master + "': " + SparkCluster.reason(e)
                            + "; expected --spark local[N], or the address of a running master such as"
                            + " spark://host:7077",
                    e);
        }
    }
}
