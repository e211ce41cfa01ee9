/**
 * The ONNX file format: the messages we write, and the header of files others wrote.
 *
 * <p>Ours because no kept Java library has these messages: the ten or so of {@code onnx.proto}, written so that
 * weights stream from their source to the file and the same model gives the same bytes.
 *
 * @see <a href="https://github.com/onnx/onnx/blob/main/docs/IR.md">ONNX IR specification</a>
 */
@NullMarked
package io.mocozoo.onnx;

import org.jspecify.annotations.NullMarked;
