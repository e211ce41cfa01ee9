package io.mocozoo.runtime;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One ONNX file open in the engine; owns native memory and is closed by whoever opened it. Safe for many threads;
 * closing waits for nobody, so close it when the last run is over.
 */
public final class OnnxSession implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OnnxSession.class);

    private final Path file;
    private final OrtEnvironment environment;
    private final OrtSession.SessionOptions options;
    private final OrtSession session;

    private OnnxSession(Path file, OrtEnvironment environment, OrtSession.SessionOptions options, OrtSession session) {
        this.file = file;
        this.environment = environment;
        this.options = options;
        this.session = session;
    }

    /**
     * Opens a file.
     *
     * @param file the graph; its weights may lie beside it
     * @param settings where and how it runs
     * @throws DeviceException if the device was named and cannot be used
     * @throws ModelException if the engine refuses the file
     */
    public static OnnxSession open(Path file, Settings settings) throws IOException {
        OrtEnvironment environment = Engine.environment();
        try {
            OrtSession.SessionOptions options =
                    Engine.options(settings.device(), settings.threads(), settings.optimise());
            try {
                OrtSession session = environment.createSession(file.toString(), options);
                return new OnnxSession(file, environment, options, session);
            } catch (OrtException e) {
                options.close();
                if (settings.device().kind() == Device.Kind.AUTO && Engine.isCompiledIn(Device.Kind.CUDA)) {
                    LOG.warn("{} runs on the CPU, since the GPU refuses it: {}", file, e.getMessage());
                    return open(file, new Settings(Device.CPU, settings.threads(), settings.optimise()));
                }
                throw e;
            }
        } catch (OrtException e) {
            throw new ModelException(file + " cannot be opened: " + e.getMessage(), e);
        }
    }

    /**
     * How sessions are opened.
     *
     * @param device where they run
     * @param threads threads of one operator; 0 leaves it to the engine: one a core
     * @param optimise whether the engine may rewrite the graph
     */
    public record Settings(Device device, int threads, boolean optimise) {}

    /**
     * Runs the graph on floats.
     *
     * @param name of the input
     * @param input any shape the graph takes
     * @param outputs names of the results wanted
     * @return the results in the order asked for
     */
    public Map<String, Tensor> run(String name, Tensor input, List<String> outputs) {
        FloatBuffer direct = ByteBuffer.allocateDirect(Math.multiplyExact(input.elementCount(), Float.BYTES))
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
        direct.put(input.buffer()).flip();
        try (OnnxTensor fed = OnnxTensor.createTensor(environment, direct, longs(input.shape()))) {
            return run(name, fed, outputs);
        } catch (OrtException e) {
            throw failed(e);
        }
    }

    /**
     * Runs the graph on bytes.
     *
     * @param name of the input
     * @param pixels a direct buffer, from position to limit
     * @param shape its sizes
     * @param outputs names of the results wanted
     * @return the results in the order asked for
     */
    public Map<String, Tensor> run(String name, ByteBuffer pixels, int[] shape, List<String> outputs) {
        try (OnnxTensor fed = bytes(pixels, shape)) {
            return run(name, fed, outputs);
        } catch (OrtException e) {
            throw failed(e);
        }
    }

    private Map<String, Tensor> run(String name, OnnxTensor fed, List<String> outputs) throws OrtException {
        try (OrtSession.Result result = session.run(Map.of(name, fed), Set.copyOf(outputs))) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            for (String output : outputs) {
                OnnxValue value = result.get(output).orElseThrow();
                if (!(value instanceof OnnxTensor tensor)) {
                    throw new IllegalStateException(file + ": output " + output + " is no tensor");
                }
                FloatBuffer values = tensor.getFloatBuffer();
                float[] copy = new float[values.remaining()];
                values.get(copy);
                tensors.put(
                        output,
                        Tensor.owning(
                                copy,
                                Arrays.stream(tensor.getInfo().getShape())
                                        .mapToInt(Math::toIntExact)
                                        .toArray()));
            }
            return tensors;
        }
    }

    OnnxTensor bytes(ByteBuffer pixels, int... shape) throws OrtException {
        return OnnxTensor.createTensor(environment, pixels, longs(shape), OnnxJavaType.UINT8);
    }

    OnnxTensor floats(FloatBuffer values, int... shape) throws OrtException {
        return OnnxTensor.createTensor(environment, values, longs(shape));
    }

    private static long[] longs(int[] shape) {
        return Arrays.stream(shape).asLongStream().toArray();
    }

    /** Runs on tensors that live longer than the run: nothing is allocated for inputs or outputs. */
    void runPinned(Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs) throws OrtException {
        session.run(inputs, outputs).close();
    }

    ModelException failed(OrtException e) {
        return new ModelException(file + " failed: " + e.getMessage(), e);
    }

    @Override
    public void close() {
        try {
            session.close();
            options.close();
        } catch (OrtException e) {
            throw new ModelException(file + " cannot be closed: " + e.getMessage(), e);
        }
    }
}
