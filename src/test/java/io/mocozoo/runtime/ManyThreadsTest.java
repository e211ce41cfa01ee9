package io.mocozoo.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class ManyThreadsTest {
    /** A leak of one batch a prediction would show as 70 MB; allocator noise of 16 threads stays well below. */
    private static final long MOST_KILOBYTES = 20_000;

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "resident memory is read from /proc")
    void sixteenThreadsAgreeAndNativeMemoryStaysFlat(@TempDir Path cache) throws Exception {
        Jvm.Ended ended = Jvm.run(
                List.of("-Xms256m", "-Xmx256m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC"),
                ManyThreadsMain.class,
                cache.toString());
        assertThat(ended.code()).as(ended.output()).isZero();
        Matcher grown = Pattern.compile("grown by (-?\\d+) kB").matcher(ended.output());
        assertThat(grown.find()).as(ended.output()).isTrue();
        assertThat(Long.parseLong(grown.group(1))).isLessThan(MOST_KILOBYTES);
    }
}
