package io.mocozoo.evaluate;

import io.mocozoo.data.Dataset;
import io.mocozoo.registry.ModelCard;
import io.mocozoo.runtime.Device;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Machines that work through the images of a run in blocks, each as a {@link BlockWork}. */
public interface Cluster extends AutoCloseable {
    /**
     * What each machine is told.
     *
     * @param card the model, with the preprocessing of this run
     * @param graphs the ONNX files it is opened from
     * @param device where each machine runs it
     * @param threads threads of one operator; 0 for one a core
     * @param images how they are read and run
     */
    record Job(ModelCard card, List<Path> graphs, Device device, int threads, BlockWork.Settings images) {
        public Job {
            graphs = List.copyOf(graphs);
        }
    }

    /** Takes blocks in the order of the images. */
    @FunctionalInterface
    interface Receiver {
        /** A block as {@link BlockWork#block} gives it, and the index of its first image. */
        void accept(int first, byte[] block) throws IOException;
    }

    /** The images of a run, as this process sees them: opened before the work, by what the machines open too. */
    Dataset data();

    /**
     * Works through the images from one on, or until told to stop; what was begun is then finished.
     *
     * @throws IOException if a block could not be done even when it was tried again
     */
    void run(Job job, int from, BooleanSupplier stop, Receiver receiver) throws IOException, InterruptedException;

    /** One line on what did the work. */
    String describe();

    /** Lets the machines go. */
    @Override
    void close();
}
