package io.mocozoo.evaluate.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mocozoo.image.ImageLimits;
import io.mocozoo.image.RgbImage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class DecodeLineTest {
    private static final RgbImage IMAGE = new RgbImage(1, 1, new byte[3]);

    @Test
    @Timeout(30)
    void twoDecodeThreeWaitAndTheSixthIsRefusedAtOnce() throws Exception {
        DecodeLine line = new DecodeLine(2, 3);
        CountDownLatch open = new CountDownLatch(1);
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        ExecutorService pool = Executors.newFixedThreadPool(6);
        try {
            List<Future<RgbImage>> all = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                all.add(pool.submit(() -> {
                    try {
                        return line.decode(() -> {
                            most.accumulateAndGet(running.incrementAndGet(), Math::max);
                            await(open);
                            running.decrementAndGet();
                            return IMAGE;
                        });
                    } catch (FullException e) {
                        refused.incrementAndGet();
                        return IMAGE;
                    }
                }));
            }
            while (refused.get() < 1 || running.get() < 2) {
                Thread.sleep(1);
            }
            open.countDown();
            for (Future<RgbImage> one : all) {
                assertThat(one.get(10, TimeUnit.SECONDS)).isSameAs(IMAGE);
            }
            assertThat(most).hasValue(2);
            assertThat(refused).hasValue(1);
        } finally {
            pool.shutdownNow();
        }
    }

    private static void await(CountDownLatch open) {
        try {
            open.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aPlaceIsFreeAgainAfterAnError() throws Exception {
        DecodeLine line = new DecodeLine(1, 0);
        assertThatThrownBy(() -> line.decode(() -> {
                    throw new OutOfMemoryError("Java heap space");
                }))
                .isInstanceOf(OutOfMemoryError.class);
        assertThat(line.decode(() -> IMAGE)).isSameAs(IMAGE);
    }

    @Test
    void noMoreAtOnceThanCoresOrThanAQuarterOfTheHeapHolds() {
        ImageLimits limits = new ImageLimits(25_000_000, 1);
        assertThat(DecodeLine.atOnce(limits, 2, 1L << 30)).isEqualTo(2);
        assertThat(DecodeLine.atOnce(limits, 64, 1L << 30)).isEqualTo(3);
        assertThat(DecodeLine.atOnce(limits, 64, 64 << 20)).isEqualTo(1);
    }
}
