package io.mocozoo.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mocozoo.evaluate.file.RunException;
import org.junit.jupiter.api.Test;

class VectorFormatTest {
    @Test
    void aClassPathWithoutParquetIsToldWhatToAdd() {
        ClassLoader without = ClassLoader.getPlatformClassLoader();
        assertThatThrownBy(() -> VectorFormat.PARQUET.check(without))
                .isInstanceOf(RunException.class)
                .hasMessageContaining("org.apache.parquet:parquet-hadoop")
                .hasMessageContaining("or write .npy");
        assertThatCode(() -> VectorFormat.NPY.check(without)).doesNotThrowAnyException();
        assertThatCode(VectorFormat.PARQUET::check).doesNotThrowAnyException();
    }

    @Test
    void wordsAreThoseOfTheSuffixes() {
        assertThat(VectorFormat.of("parquet")).isEqualTo(VectorFormat.PARQUET);
        assertThat(VectorFormat.NPY.word()).isEqualTo("npy");
        assertThatThrownBy(() -> VectorFormat.of("csv"))
                .hasMessageContaining("expected one of [npy, parquet], found 'csv'");
    }
}
