package io.mocozoo.runtime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import ai.onnxruntime.providers.OrtTensorRTProviderOptions;
import io.mocozoo.runtime.Device.Kind;
import io.mocozoo.store.CacheFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The engine of this process: its native code, its devices, its session options. */
public final class Engine {
    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);
    /** How the system's loader names a library it does not find. */
    private static final Pattern MISSING =
            Pattern.compile("(lib[\\w.+-]+\\.so[\\w.]*): cannot open shared object file");

    private static @Nullable OrtEnvironment environment;
    private static @Nullable String obstacle; // to loading the native code

    private static Path nativeFolder = CacheFolder.standard().resolve("native");

    private Engine() {}

    /** Where the engine's native code is unpacked once; has no effect after its first use. */
    public static synchronized void keepNativeCodeIn(Path folder) {
        nativeFolder = folder;
    }

    /** Loads the engine. */
    static synchronized OrtEnvironment environment() throws IOException {
        if (environment == null) {
            if (obstacle != null) { // the class is dead for this process, and would now only say that
                throw new IOException(obstacle);
            }
            NativeLibrary.prepare(nativeFolder);
            try {
                environment = OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "mocozoo");
            } catch (LinkageError e) {
                obstacle = "ONNX Runtime's native code cannot be loaded from "
                        + System.getProperty("onnxruntime.native.path", "its jar") + ": " + root(e)
                        + "; leave -Donnxruntime.native.path out, or point it at libraries for this system; if it was not"
                        + " given, point --cache at a folder that programs may be run from";
                throw new IOException(obstacle, e);
            }
        }
        return environment;
    }

    /** What an initialiser that failed hides under its own error. */
    private static String root(Throwable e) {
        Throwable last = e;
        while (last.getCause() != null) {
            last = last.getCause();
        }
        return String.valueOf(last.getMessage());
    }

    /** The engine's version. */
    public static String version() throws IOException {
        return environment().getVersion();
    }

    /** What keeps a device from being used, found by trying; empty if nothing does. */
    public static Optional<String> obstacle(Device device) throws IOException {
        environment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            add(options, device);
            return Optional.empty();
        } catch (OrtException e) {
            return Optional.of(explain(device, e));
        }
    }

    /**
     * What a session on a device would run on: AUTO is the first CUDA device where one can be used, else the CPU.
     *
     * @throws IOException if the engine cannot be loaded
     */
    public static Device choose(Device device) throws IOException {
        if (device.kind() != Kind.AUTO) {
            return device;
        }
        Device cuda = new Device(Kind.CUDA, 0);
        return obstacle(cuda).isEmpty() ? cuda : Device.CPU;
    }

    /** Options of a session on a device; AUTO becomes the best device that can be used. The caller closes them. */
    static OrtSession.SessionOptions options(Device device, int threads, boolean optimise) throws OrtException {
        OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        try {
            options.setOptimizationLevel(
                    optimise ? OrtSession.SessionOptions.OptLevel.ALL_OPT : OrtSession.SessionOptions.OptLevel.NO_OPT);
            if (threads > 0) {
                options.setIntraOpNumThreads(threads);
            }
            options.addConfigEntry("session.force_spinning_stop", "1"); // waiting, it leaves the cores to decoders
            if (device.kind() == Kind.AUTO) {
                addBest(options);
            } else {
                add(options, device);
            }
            return options;
        } catch (OrtException e) {
            options.close();
            if (device.kind() == Kind.CUDA || device.kind() == Kind.TENSORRT) {
                throw new DeviceException(device, explain(device, e), e);
            }
            throw e;
        }
    }

    private static void addBest(OrtSession.SessionOptions options) {
        Device cuda = new Device(Kind.CUDA, 0);
        if (isCompiledIn(Kind.CUDA)) {
            try {
                add(options, cuda);
            } catch (OrtException e) {
                LOG.info("running on the CPU: {}", explain(cuda, e));
            }
        }
    }

    private static void add(OrtSession.SessionOptions options, Device device) throws OrtException {
        switch (device.kind()) {
            case AUTO, CPU -> {}
            case CUDA -> {
                try (OrtCUDAProviderOptions cuda = new OrtCUDAProviderOptions(device.index())) {
                    cuda.add("use_tf32", "0"); // full single precision, as the reference
                    cuda.add("cudnn_conv_algo_search", "EXHAUSTIVE");
                    cuda.add("do_copy_in_default_stream", "1");
                    options.addCUDA(cuda);
                }
            }
            case TENSORRT -> {
                try (OrtTensorRTProviderOptions tensorrt = new OrtTensorRTProviderOptions(device.index())) {
                    options.addTensorrt(tensorrt);
                }
                add(options, new Device(Kind.CUDA, device.index())); // what TensorRT leaves over
            }
        }
    }

    /** Whether the jar on the class path has a device at all; it may still not be usable on this machine. */
    static boolean isCompiledIn(Kind kind) {
        EnumSet<OrtProvider> providers = OrtEnvironment.getAvailableProviders();
        return switch (kind) {
            case AUTO, CPU -> true;
            case CUDA -> providers.contains(OrtProvider.CUDA);
            case TENSORRT -> providers.contains(OrtProvider.TENSOR_RT);
        };
    }

    private static String explain(Device device, OrtException e) {
        if (!isCompiledIn(device.kind())) {
            return "this build has ONNX Runtime for CPUs; build with -Pgpu (MOCOZOO_GPU=1 ./mocozoo) or point"
                    + " -Donnxruntime.native.path at the GPU build's libraries";
        }
        String needs = device.kind() == Kind.CUDA ? "CUDA 12 and cuDNN 9" : "CUDA 12, cuDNN 9 and TensorRT 10";
        String message = String.valueOf(e.getMessage());
        Matcher missing = MISSING.matcher(message);
        String found = missing.find() ? missing.group(1) + " is not there" : "the engine says: " + message.strip();
        return "it needs " + needs + " on the library path; " + found;
    }
}
