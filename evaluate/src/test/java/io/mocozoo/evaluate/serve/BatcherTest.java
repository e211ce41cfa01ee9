package io.mocozoo.evaluate.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mocozoo.image.RgbImage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BatcherTest {
    private static RgbImage image(int value) {
        return new RgbImage(1, 1, new byte[] {(byte) value, 0, 0});
    }

    private static List<float[]> named(List<RgbImage> crops) {
        return crops.stream().map(c -> new float[] {c.rgb()[0]}).toList();
    }

    @Test
    void requestsOfTheSameMomentShareARunAndGetTheirOwnAnswers() throws Exception {
        List<Integer> sizes = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch open = new CountDownLatch(1);
        try (Batcher<float[]> batcher = new Batcher<>(
                crops -> {
                    sizes.add(crops.size());
                    try {
                        open.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return named(crops);
                },
                4,
                0,
                100)) {
            CompletableFuture<float[]> first = batcher.submit(image(0));
            while (sizes.isEmpty()) {
                Thread.sleep(1);
            }
            List<CompletableFuture<float[]>> rest = new ArrayList<>();
            for (int i = 1; i <= 10; i++) {
                rest.add(batcher.submit(image(i)));
            }
            open.countDown();
            assertThat(first.get(10, TimeUnit.SECONDS)).containsExactly(0);
            for (int i = 1; i <= 10; i++) {
                assertThat(rest.get(i - 1).get(10, TimeUnit.SECONDS)).containsExactly(i);
            }
            assertThat(sizes).containsExactly(1, 4, 4, 2);
            assertThat(batcher.images()).isBetween(9L, 11L); // the last is counted just after its answer
        }
    }

    @Test
    void whatDoesNotFitTheQueueIsRefusedAtOnceAndWhatWaitsIsAnswered() throws Exception {
        CountDownLatch open = new CountDownLatch(1);
        CountDownLatch running = new CountDownLatch(1);
        Batcher<float[]> batcher = new Batcher<>(
                crops -> {
                    running.countDown();
                    try {
                        open.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return named(crops);
                },
                1,
                0,
                2);
        CompletableFuture<float[]> first = batcher.submit(image(1));
        running.await();
        CompletableFuture<float[]> second = batcher.submit(image(2));
        CompletableFuture<float[]> third = batcher.submit(image(3));
        CompletableFuture<float[]> fourth = batcher.submit(image(4));
        assertThatThrownBy(() -> fourth.get(1, TimeUnit.SECONDS)).hasCauseInstanceOf(FullException.class);
        open.countDown();
        batcher.close();
        assertThat(first.get()).containsExactly(1);
        assertThat(second.get()).containsExactly(2);
        assertThat(third.get()).containsExactly(3);
        assertThatThrownBy(() -> batcher.submit(image(5)).get()).hasCauseInstanceOf(FullException.class);
    }

    @Test
    void aFailureIsThatOfItsRequestsAlone() throws Exception {
        try (Batcher<float[]> batcher = new Batcher<>(
                crops -> {
                    if (crops.get(0).rgb()[0] == 1) {
                        throw new IllegalStateException("broken");
                    }
                    return named(crops);
                },
                1,
                0,
                10)) {
            CompletableFuture<float[]> bad = batcher.submit(image(1));
            assertThatThrownBy(bad::get).hasMessageContaining("broken");
            assertThat(batcher.submit(image(2)).get(10, TimeUnit.SECONDS)).containsExactly(2);
        }
    }
}
