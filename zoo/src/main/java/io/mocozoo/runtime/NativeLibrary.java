package io.mocozoo.runtime;

import ai.onnxruntime.OrtEnvironment;
import io.mocozoo.store.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * ONNX Runtime's native code, unpacked once into a folder that stays.
 *
 * <p>Left to itself every JVM unpacks 29 MB into the temporary folder, and one that is killed leaves them there.
 */
final class NativeLibrary {
    private static final Logger LOG = LoggerFactory.getLogger(NativeLibrary.class);
    private static final String PROPERTY = "onnxruntime.native.path";

    private NativeLibrary() {}

    /**
     * Unpacks what is not there yet below the folder and tells ONNX Runtime; a path set by the user is left alone, and
     * where the folder cannot be written ONNX Runtime unpacks for itself.
     */
    static synchronized void prepare(Path folder) {
        if (!System.getProperty(PROPERTY, "").isEmpty()) {
            return;
        }
        try {
            unpackInto(folder);
        } catch (IOException e) {
            LOG.warn("ONNX Runtime is unpacked anew for this run, since {} cannot be used: {}", folder, e.toString());
        }
    }

    private static void unpackInto(Path folder) throws IOException {
        String resources = "/ai/onnxruntime/native/" + platform() + "/";
        URL main = OrtEnvironment.class.getResource(resources + System.mapLibraryName("onnxruntime"));
        if (main == null) {
            return; // a platform we do not know: ONNX Runtime's own search goes on
        }
        Path target = folder.resolve("onnxruntime-" + fingerprint(main));
        for (String name : List.of(
                "onnxruntime",
                "onnxruntime4j_jni",
                "onnxruntime_providers_shared",
                "onnxruntime_providers_cuda",
                "onnxruntime_providers_tensorrt")) {
            String file = System.mapLibraryName(name);
            URL resource = OrtEnvironment.class.getResource(resources + file);
            if (resource != null) {
                unpack(resource, target.resolve(file));
            }
        }
        System.setProperty(PROPERTY, target.toString());
    }

    private static String platform() {
        String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
        String system = os.contains("win") ? "win" : os.contains("mac") ? "osx" : "linux";
        return system + "-" + (arch.equals("aarch64") || arch.equals("arm64") ? "aarch64" : "x64");
    }

    /** Size and checksum as the jar's directory gives them: no byte of 29 MB is read to know the version. */
    private static String fingerprint(URL resource) throws IOException {
        URLConnection connection = resource.openConnection();
        if (connection instanceof JarURLConnection jar && jar.getJarEntry() != null) {
            return jar.getJarEntry().getSize() + "-"
                    + Long.toHexString(jar.getJarEntry().getCrc());
        }
        return connection.getContentLengthLong() + "-loose";
    }

    private static void unpack(URL resource, Path file) throws IOException {
        URLConnection connection = resource.openConnection();
        long size = connection.getContentLengthLong();
        if (Files.isRegularFile(file) && Files.size(file) == size) {
            return;
        }
        try (InputStream in = connection.getInputStream();
                ReadableByteChannel bytes = Channels.newChannel(in)) {
            AtomicFile.write(file, channel -> {
                long at = 0;
                for (long moved; (moved = channel.transferFrom(bytes, at, 16 << 20)) > 0; ) {
                    at += moved;
                }
            });
        }
    }
}
