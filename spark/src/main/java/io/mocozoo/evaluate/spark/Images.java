package io.mocozoo.evaluate.spark;

import io.mocozoo.data.Dataset;
import io.mocozoo.data.Datasets;
import io.mocozoo.evaluate.BlockWork;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Path;

/** A data set as something that travels to the machines which read it. */
interface Images extends Serializable {
    /** Opens it on this machine. */
    Dataset open() throws IOException;

    /** By its path, which all machines share, or by its address. A letter alone before a colon is a drive. */
    static Images of(String data) throws IOException {
        if (data.matches("[A-Za-z][A-Za-z0-9+.-]+:.*")) {
            return HadoopFolder.list(data);
        }
        String root = Path.of(data).toAbsolutePath().toString();
        return new SharedPath(root, BlockWork.digest(Datasets.open(Path.of(root), "val")));
    }

    /**
     * Any layout, at the same path on all machines.
     *
     * @param root its path
     * @param digest of its list of images
     */
    record SharedPath(String root, String digest) implements Images {
        @Override
        public Dataset open() throws IOException {
            Dataset data = Datasets.open(Path.of(root), "val");
            if (!BlockWork.digest(data).equals(digest)) {
                throw new IOException(root + ": expected the images that the driver sees, found " + data.size()
                        + " of other names, labels or sizes on " + java.net.InetAddress.getLocalHost()
                        + "; every machine needs the same data set at that path, or give its address on a file system"
                        + " of Hadoop's");
            }
            return data;
        }
    }
}
