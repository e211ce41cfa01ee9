package io.mocozoo.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import io.mocozoo.image.Preprocessor;
import io.mocozoo.image.RgbImage;
import io.mocozoo.onnx.GraphInput;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The buffers of one run at a time: images are packed straight into native memory that the engine reads, results
 * arrive in native memory that stays. Owns native memory; used by one thread at a time, kept for the next.
 */
final class Lane implements AutoCloseable {
    private final OnnxSession session;
    private final String inputName;
    private final GraphInput input;
    private final Preprocessor preprocessor;
    private final String resultName;
    private final int[] resultShape;
    private ByteBuffer fedBytes = direct(0);
    private ByteBuffer resultBytes = direct(0);
    private @Nullable Bound bound;

    /** Tensors over the lane's buffers for a number of images. */
    private record Bound(int count, ByteBuffer bytes, OnnxTensor fed, FloatBuffer result, OnnxTensor pinned) {}

    /**
     * A lane.
     *
     * @param resultShape of one image's result, without the batch axis
     */
    Lane(
            OnnxSession session,
            String inputName,
            GraphInput input,
            Preprocessor preprocessor,
            String resultName,
            int[] resultShape) {
        this.session = session;
        this.inputName = inputName;
        this.input = input;
        this.preprocessor = preprocessor;
        this.resultName = resultName;
        this.resultShape = resultShape.clone();
    }

    /** Runs a batch of whole images, or of crops; a row of values for each. */
    List<float[]> run(List<RgbImage> images, boolean cropped) throws OrtException {
        Bound lane = bound(images.size());
        int side = preprocessor.preprocessing().crop();
        int each = side * side * 3 * (input == GraphInput.PIXELS ? 1 : Float.BYTES);
        IntStream packing = IntStream.range(0, images.size());
        (images.size() > 1 ? packing.parallel() : packing).forEach(i -> {
            ByteBuffer place = lane.bytes.slice(i * each, each).order(ByteOrder.nativeOrder());
            RgbImage image = images.get(i);
            if (input == GraphInput.TENSOR) {
                preprocessor.packTensor(cropped ? image : preprocessor.crop(image), place.asFloatBuffer());
            } else if (cropped) {
                place.put(image.rgb());
            } else {
                preprocessor.pack(image, place);
            }
        });
        session.runPinned(Map.of(inputName, lane.fed), Map.of(resultName, lane.pinned));
        List<float[]> rows = new ArrayList<>(images.size());
        int width = lane.result.capacity() / images.size();
        for (int i = 0; i < images.size(); i++) {
            float[] row = new float[width];
            lane.result.get(i * width, row);
            rows.add(row);
        }
        return rows;
    }

    /** Tensors for n images: those of the last run if it had as many; the buffers only ever grow. */
    private Bound bound(int n) throws OrtException {
        if (bound != null && bound.count == n) {
            return bound;
        }
        close();
        int side = preprocessor.preprocessing().crop();
        int values = Math.multiplyExact(n, side * side * 3);
        int needed = input == GraphInput.PIXELS ? values : Math.multiplyExact(values, Float.BYTES);
        int[] shape =
                IntStream.concat(IntStream.of(n), IntStream.of(resultShape)).toArray();
        int results = Math.multiplyExact(IntStream.of(shape).reduce(1, Math::multiplyExact), Float.BYTES);
        fedBytes = grown(fedBytes, needed);
        resultBytes = grown(resultBytes, results);
        ByteBuffer bytes = fedBytes.slice(0, needed).order(ByteOrder.nativeOrder());
        FloatBuffer result =
                resultBytes.slice(0, results).order(ByteOrder.nativeOrder()).asFloatBuffer();
        OnnxTensor fed = input == GraphInput.PIXELS
                ? session.bytes(bytes, n, side, side, 3)
                : session.floats(bytes.asFloatBuffer(), n, 3, side, side);
        bound = new Bound(n, bytes, fed, result, session.floats(result, shape));
        return bound;
    }

    private static ByteBuffer grown(ByteBuffer buffer, int bytes) {
        return buffer.capacity() >= bytes ? buffer : direct(bytes);
    }

    private static ByteBuffer direct(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }

    @Override
    public void close() {
        if (bound != null) {
            bound.fed.close();
            bound.pinned.close();
            bound = null;
        }
    }
}
