/** The files of a run: tables as {@link io.mocozoo.evaluate.file.CsvFile}, objects as {@link io.mocozoo.evaluate.file.JsonFiles}. */
@NullMarked
package io.mocozoo.evaluate.file;

import org.jspecify.annotations.NullMarked;
