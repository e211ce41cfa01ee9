package io.mocozoo.evaluate.spark;

import io.mocozoo.evaluate.BlockWork;
import io.mocozoo.runtime.Engine;
import io.mocozoo.runtime.Model;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.SparkFiles;

/**
 * One session a JVM: the tasks of a run share the model and the data set, opened for the first of them. Owns native memory,
 * until the run is closed or the JVM ends.
 */
final class Desk {
    private static final Map<String, Desk> OPEN = new HashMap<>();

    private final Model model;
    private final BlockWork work;

    private Desk(Assignment assignment) throws IOException {
        // the executor's folder goes with it; without effect in the driver, whose engine is loaded
        Engine.keepNativeCodeIn(Path.of(SparkFiles.getRootDirectory()).resolve("native"));
        this.model = assignment.model();
        try {
            this.work = new BlockWork(model, assignment.images().open(), assignment.settings());
        } catch (IOException | RuntimeException e) {
            model.close();
            throw e;
        }
    }

    static BlockWork of(Assignment assignment) throws IOException {
        synchronized (OPEN) {
            Desk desk = OPEN.get(assignment.run());
            if (desk == null) {
                desk = new Desk(assignment);
                OPEN.put(assignment.run(), desk);
            }
            return desk.work;
        }
    }

    /** Frees what a run holds in this JVM, if it holds anything here. */
    static void close(String run) {
        synchronized (OPEN) {
            Desk desk = OPEN.remove(run);
            if (desk != null) {
                desk.model.close();
            }
        }
    }
}
