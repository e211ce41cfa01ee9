/** Networks as ONNX graphs: one interpreter of the layers that fuses, or leaves everything plain to check itself by. */
@NullMarked
package io.mocozoo.convert.graph;

import org.jspecify.annotations.NullMarked;
