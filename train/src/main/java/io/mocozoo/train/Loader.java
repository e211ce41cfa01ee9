package io.mocozoo.train;

import io.mocozoo.data.Dataset;
import io.mocozoo.image.ImageDecoder;
import io.mocozoo.image.ImageLimits;
import io.mocozoo.image.RgbImage;
import io.mocozoo.train.augment.Draw;
import io.mocozoo.train.augment.View;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Batches of augmented images, made ahead by worker threads. What a batch holds depends on the seed, the epoch and its
 * place alone: not on the number of workers, nor on where a run was taken up again. Closed by whoever opened it.
 */
public final class Loader implements AutoCloseable {
    private static final int AHEAD = 2;

    private final Dataset data;
    private final List<View> views;
    private final int batch;
    private final int parts;
    private final long seed;
    private final int together;
    private final int mostUnreadable;
    private final ExecutorService workers;
    private final Deque<Pending> pending = new ArrayDeque<>();
    private final ConcurrentNavigableMap<String, String> unreadable = new ConcurrentSkipListMap<>();
    private long epoch;
    private long step;
    private int[] order;

    /**
     * A loader that begins at the first batch of the first epoch.
     *
     * @param views augmentations of each image, all applied
     * @param batch images in a batch, a multiple of {@code parts}; the last of an epoch may be smaller
     * @param parts a batch is cut into as many equal parts: where it came out odd, its first images come once more
     * @param workers threads that decode and augment
     * @param seed of the order and of every augmentation
     * @param together images that share a loss, none of which may be alone: where unreadable ones leave one, the first comes
     *     once more; 0 where each image has a loss of its own
     * @param mostUnreadable images that may be skipped because they cannot be read; one more is an error
     */
    public Loader(
            Dataset data,
            List<View> views,
            int batch,
            int parts,
            int workers,
            long seed,
            int together,
            int mostUnreadable) {
        if (data.size() == 0) {
            throw new IllegalArgumentException("the data set is empty");
        }
        this.data = data;
        this.views = List.copyOf(views);
        this.batch = batch;
        this.parts = parts;
        this.seed = seed;
        this.together = together;
        this.mostUnreadable = mostUnreadable;
        this.order = order(0);
        this.workers = Executors.newFixedThreadPool(workers, task -> {
            Thread thread = new Thread(task, "loader");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Images of one step; its arrays are the receiver's to keep. */
    public static final class Batch {
        private final long epoch;
        private final long step;
        private final List<float[]> views;
        private final int[] labels;

        Batch(long epoch, long step, List<float[]> views, int[] labels) {
            this.epoch = epoch;
            this.step = step;
            this.views = views;
            this.labels = labels;
        }

        /** Pass over the data, from 0. */
        public long epoch() {
            return epoch;
        }

        /** Step within the epoch, from 0. */
        public long step() {
            return step;
        }

        /** Number of images. */
        public int size() {
            return labels.length;
        }

        /** One view of the images, [n, 3, h, w], row-major. */
        public float[] view(int index) {
            return views.get(index);
        }

        /** The images' labels. */
        public int[] labels() {
            return labels;
        }
    }

    /** Steps of one epoch. */
    public long stepsPerEpoch() {
        return ((long) data.size() + batch - 1) / batch;
    }

    /** Goes to a batch; those made ahead are dropped. */
    public void seek(long toEpoch, long toStep) {
        pending.forEach(p -> p.images.forEach(f -> f.cancel(false)));
        pending.clear();
        epoch = toEpoch;
        step = toStep;
        order = order(epoch);
    }

    /** Names of images that could not be read so far, with the reason. */
    public Map<String, String> unreadable() {
        return Map.copyOf(unreadable);
    }

    private record Pending(long epoch, long step, List<Integer> indices, List<Future<float[][]>> images) {}

    /** The next batch; waits for it if it is not ready. */
    public Batch next() throws IOException, InterruptedException {
        while (pending.size() < AHEAD) {
            submit();
        }
        Pending next = pending.remove();
        submit();
        List<float[][]> images = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        for (int i = 0; i < next.indices.size(); i++) {
            try {
                float[][] image = next.images.get(i).get();
                if (image.length > 0) {
                    images.add(image);
                    labels.add(data.label(next.indices.get(i)));
                }
            } catch (ExecutionException e) {
                throw new IOException(data.name(next.indices.get(i)) + ": " + e.getCause(), e.getCause());
            }
        }
        if (unreadable.size() > mostUnreadable) {
            throw new IOException(unreadable.size() + " images cannot be read, more than the " + mostUnreadable
                    + " allowed; the first is " + first()
                    + "; repair or remove them, or allow more by --unreadable-limit N");
        }
        if (images.isEmpty()) {
            throw new IOException("step " + (next.step + 1) + " of epoch " + (next.epoch + 1) + ": none of its "
                    + next.indices.size() + " images can be read; the first is " + first());
        }
        for (int i = 0; images.size() % parts != 0 || (together > 0 && images.size() % together == 1); i++) {
            images.add(images.get(i));
            labels.add(labels.get(i));
        }
        List<float[]> stacked = new ArrayList<>();
        for (int v = 0; v < views.size(); v++) {
            int each = 3 * views.get(v).side() * views.get(v).side();
            float[] all = new float[Math.multiplyExact(each, images.size())];
            for (int i = 0; i < images.size(); i++) {
                System.arraycopy(images.get(i)[v], 0, all, i * each, each);
            }
            stacked.add(all);
        }
        return new Batch(
                next.epoch,
                next.step,
                stacked,
                labels.stream().mapToInt(Integer::intValue).toArray());
    }

    private String first() {
        Map.Entry<String, String> first = unreadable.firstEntry();
        return first.getKey() + " (" + first.getValue() + ")";
    }

    /** Takes over images that an earlier run could not read, as far as that is still so. */
    void remember(Set<String> names) {
        for (int i = 0; !names.isEmpty() && i < data.size(); i++) {
            if (names.contains(data.name(i))) {
                augmented(i, 0);
            }
        }
    }

    private void submit() {
        int from = Math.toIntExact(step * batch);
        List<Integer> indices = Arrays.stream(order, from, Math.min(order.length, from + batch))
                .boxed()
                .toList();
        long ofEpoch = epoch;
        List<Future<float[][]>> images = new ArrayList<>();
        for (int index : indices) {
            images.add(workers.submit(() -> augmented(index, ofEpoch)));
        }
        pending.add(new Pending(epoch, step, indices, images));
        step++;
        if (step == stepsPerEpoch()) {
            step = 0;
            epoch++;
            order = order(epoch);
        }
    }

    /** All views of an image; none if it cannot be read. */
    private float[][] augmented(int index, long ofEpoch) {
        RgbImage image;
        try {
            image = ImageDecoder.decode(data.read(index), data.name(index), ImageLimits.DEFAULT);
        } catch (IOException e) {
            unreadable.put(data.name(index), String.valueOf(e.getMessage()));
            return new float[0][];
        }
        float[][] all = new float[views.size()][];
        for (int v = 0; v < all.length; v++) {
            all[v] = new float[3 * views.get(v).side() * views.get(v).side()];
            views.get(v).apply(image, new SplittableRandom(mix(seed, ofEpoch, index, v)), FloatBuffer.wrap(all[v]));
        }
        return all;
    }

    /** A seed of its own for every sample: numbers folded in one after the other (SplitMix64's finaliser). */
    static long mix(long... numbers) {
        long z = 0x9E3779B97F4A7C15L;
        for (long number : numbers) {
            z = (z ^ number) * 0xBF58476D1CE4E5B9L;
            z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
            z ^= z >>> 31;
        }
        return z;
    }

    private int[] order(long ofEpoch) {
        return Draw.permutation(new SplittableRandom(mix(seed, ofEpoch, -1)), data.size());
    }

    @Override
    public void close() {
        workers.shutdownNow();
    }
}
