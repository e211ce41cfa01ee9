package io.mocozoo.train.torch;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.ParameterStore;
import io.mocozoo.store.CacheFolder;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Collection;
import java.util.Map;

/**
 * PyTorch's own operations, callable from Java with gradients; owns a native module and is closed by whoever opened
 * it. Results belong to the manager a call names.
 */
public final class TorchFunctions implements AutoCloseable {
    static final String ENGINE = "PyTorch";

    private final Model model;
    private final Block block;
    private final ParameterStore store;
    private long nanos;

    private TorchFunctions(Model model) {
        this.model = model;
        this.block = model.getBlock();
        this.store = new ParameterStore(model.getNDManager(), false);
    }

    /** The engine's native code is kept where everything else is, and it never asks a network. */
    static void prepare() {
        if (System.getProperty("DJL_CACHE_DIR") == null && System.getenv("DJL_CACHE_DIR") == null) {
            System.setProperty(
                    "DJL_CACHE_DIR",
                    CacheFolder.standard().resolve("native").resolve("djl").toString());
        }
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
    }

    /** Loads the functions into the engine, for arrays on the CPU. */
    public static TorchFunctions load() {
        return load(Device.cpu());
    }

    /** Loads the functions into the engine; the root of all managers is on the device, others' come below it. */
    public static TorchFunctions load(Device device) {
        prepare();
        ByteArrayOutputStream archive = new ByteArrayOutputStream();
        Model model = Model.newInstance("mocozoo-functions", device, ENGINE);
        try {
            TorchScript.write(TorchMethods.all(), archive);
            model.load(new ByteArrayInputStream(archive.toByteArray()), Map.of("trainParam", "true"));
            return new TorchFunctions(model);
        } catch (IOException | MalformedModelException e) {
            model.close();
            throw new IllegalStateException("the engine refuses our functions: " + e.getMessage(), e);
        }
    }

    /** Nanoseconds spent inside functions so far. */
    public long nanos() {
        return nanos;
    }

    /** The root of all managers of arrays. */
    public NDManager manager() {
        return model.getNDManager();
    }

    /** Calls a function whose result takes part in gradients; the result belongs to the manager. */
    public NDArray call(NDManager manager, String function, NDArray... arguments) {
        return call(manager, function, true, single(arguments));
    }

    /**
     * Calls a function for its value alone; the result belongs to the manager. Unlike what an update returns, it may take
     * part in gradients later.
     */
    public NDArray value(NDManager manager, String function, NDArray... arguments) {
        boolean before = JniUtils.isGradMode();
        JniUtils.setGradMode(false);
        try {
            return call(manager, function, true, single(arguments));
        } finally {
            JniUtils.setGradMode(before);
        }
    }

    private static NDList single(NDArray... arguments) {
        for (NDArray argument : arguments) {
            argument.setName(""); // a name would make it part of a list or map
        }
        return new NDList(arguments);
    }

    /** Calls a function that changes its arguments in place, or one without gradients. */
    public NDArray update(NDManager manager, String function, Lists arguments) {
        return call(manager, function, false, arguments.all);
    }

    /** The arguments of an update: lists of arrays by the names of the function's parameters, and single arrays. */
    public static final class Lists {
        private final NDList all = new NDList();

        /** Adds a list. */
        public Lists list(String parameter, Collection<NDArray> arrays) {
            for (NDArray array : arrays) {
                array.setName(parameter + "[]");
                all.add(array);
            }
            return this;
        }

        /** Adds an array. */
        public Lists one(NDArray array) {
            array.setName("");
            all.add(array);
            return this;
        }
    }

    private NDArray call(NDManager manager, String function, boolean gradients, NDList arguments) {
        NDArray method = manager.create(0f);
        method.setName("module_method:" + function);
        NDList inputs = new NDList(arguments.size() + 1);
        inputs.add(method);
        inputs.addAll(arguments);
        long start = System.nanoTime();
        NDArray result = block.forward(store, inputs, gradients).singletonOrThrow();
        nanos += System.nanoTime() - start;
        result.attach(manager);
        return result;
    }

    @Override
    public void close() {
        model.close();
    }
}
