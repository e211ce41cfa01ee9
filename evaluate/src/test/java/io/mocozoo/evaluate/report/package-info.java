@NullMarked
package io.mocozoo.evaluate.report;

import org.jspecify.annotations.NullMarked;
