package io.mocozoo.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CacheFolderTest {
    @ParameterizedTest
    @CsvSource({
        "Linux, , , /home/me/.cache/mocozoo",
        "Linux, XDG_CACHE_HOME, /x, /x/mocozoo",
        "Linux, MOCOZOO_HOME, /own, /own",
        "Mac OS X, , , /home/me/Library/Caches/mocozoo",
        "Windows 11, , , /home/me/AppData/Local/mocozoo",
        "Windows 11, LOCALAPPDATA, /local, /local/mocozoo",
        "Windows 11, MOCOZOO_HOME, /own, /own",
    })
    void theCacheLiesWhereThePlatformKeepsCaches(String os, String variable, String value, Path expected) {
        Map<String, String> environment = new HashMap<>();
        if (variable != null) {
            environment.put(variable, value);
        }

        assertThat(CacheFolder.of(environment, os, Path.of("/home/me"))).isEqualTo(expected);
    }
}
