package io.mocozoo.train.torch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A TorchScript archive of functions: a stored zip with one root folder, a module without parameters, and its methods
 * as text in the form that PyTorch serialises them in.
 *
 * @see <a href="https://github.com/pytorch/pytorch/blob/v2.7.1/torch/csrc/jit/docs/serialization.md">TorchScript
 *     serialization</a>
 */
final class TorchScript {
    private static final String ROOT = "ops/";

    private TorchScript() {}

    /**
     * Writes an archive.
     *
     * @param methods the text of each method, indented by two spaces, over a receiver {@code self: __torch__.Ops}
     */
    static void write(List<String> methods, OutputStream target) throws IOException {
        String code = "class Ops(Module):\n  __parameters__ = []\n  __buffers__ = []\n  training : bool\n"
                + "  def forward(self: __torch__.Ops,\n    x: Tensor) -> Tensor:\n    return x\n"
                + String.join("", methods);
        try (ZipOutputStream zip = new ZipOutputStream(target)) {
            zip.setMethod(ZipOutputStream.STORED);
            entry(zip, "data.pkl", module());
            entry(zip, "code/__torch__.py", code.getBytes(StandardCharsets.UTF_8));
            entry(zip, "constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'}); // an empty tuple
            entry(zip, "version", "10\n".getBytes(StandardCharsets.US_ASCII));
        }
    }

    /** The pickle of {@code __torch__.Ops} with the state {training: True}, protocol 2. */
    private static byte[] module() {
        ByteArrayOutputStream pickle = new ByteArrayOutputStream();
        pickle.writeBytes(new byte[] {(byte) 0x80, 2});
        pickle.writeBytes("c__torch__\nOps\n)\u0081}(X\u0008\0\0\0training".getBytes(StandardCharsets.ISO_8859_1));
        pickle.writeBytes("\u0088ub.".getBytes(StandardCharsets.ISO_8859_1));
        return pickle.toByteArray();
    }

    private static void entry(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
        ZipEntry entry = new ZipEntry(ROOT + name);
        CRC32 crc = new CRC32();
        crc.update(bytes);
        entry.setSize(bytes.length);
        entry.setCrc(crc.getValue());
        entry.setTime(0);
        zip.putNextEntry(entry);
        zip.write(bytes);
        zip.closeEntry();
    }
}
