package io.mocozoo.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LongCommandLineTest {
    /** Some versions of the engine read the command line by deep recursion and end the JVM without a word. */
    @Test
    void sessionRunsUnderACommandLineOfTwentyThousandCharacters(@TempDir Path cache) throws Exception {
        Jvm.Ended ended = Jvm.run(List.of("-Xmx256m"), LongCommandLineMain.class, cache.toString(), "x".repeat(20_000));
        assertThat(ended.code()).as(ended.output()).isZero();
        assertThat(ended.output()).contains("predicted ");
    }
}
