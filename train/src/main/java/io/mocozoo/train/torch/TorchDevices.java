package io.mocozoo.train.torch;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;

/** Our devices as the engine names them. */
public final class TorchDevices {
    private TorchDevices() {}

    /**
     * The engine's devices.
     *
     * @throws IllegalArgumentException if one is of a kind that cannot train, or is not there
     */
    public static List<Device> of(List<io.mocozoo.runtime.Device> devices) {
        TorchFunctions.prepare();
        int gpus = Engine.getEngine(TorchFunctions.ENGINE).getGpuCount();
        return devices.stream().map(device -> of(device, gpus)).toList();
    }

    private static Device of(io.mocozoo.runtime.Device device, int gpus) {
        return switch (device.kind()) {
            case CPU -> Device.cpu();
            case AUTO -> gpus > 0 ? Device.gpu(0) : Device.cpu();
            case CUDA -> {
                if (device.index() >= gpus) {
                    throw new IllegalArgumentException(device + ": PyTorch's engine sees "
                            + (gpus == 0 ? "no GPU" : gpus + " GPUs, cuda:0 to cuda:" + (gpus - 1))
                            + "; a GPU needs its driver and ai.djl.pytorch:pytorch-native-cu* on the class path,"
                            + " --device cpu trains without");
                }
                yield Device.gpu(device.index());
            }
            case TENSORRT ->
                throw new IllegalArgumentException(device + ": TensorRT runs models, it trains none; use cuda or cpu");
        };
    }

    /** Sets the threads of one operator on the CPU; 0 leaves it to the engine. */
    public static void threads(int count) {
        TorchFunctions.prepare();
        if (count > 0) {
            Engine.getEngine(TorchFunctions.ENGINE);
            JniUtils.setNumThreads(count);
        }
    }
}
