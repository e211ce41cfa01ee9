package io.mocozoo.train;

import io.mocozoo.train.torch.TorchFunctions;

/** Takes the times of one step; begins when it is made. */
final class Stopwatch {
    private final TorchFunctions torch;
    private final long engineBefore;
    private final long start = System.nanoTime();
    private long backward;
    private long passed;

    Stopwatch(TorchFunctions torch) {
        this.torch = torch;
        this.engineBefore = torch.nanos();
    }

    /** Runs a way back through a graph. */
    void backward(Runnable work) {
        long before = System.nanoTime();
        work.run();
        backward += System.nanoTime() - before;
    }

    /** Forward and backward passes are done, the update begins. */
    void passed() {
        passed = System.nanoTime();
    }

    /** The times up to now. */
    StepTimes times(long momentum) {
        long forward = passed - start - backward - momentum;
        long update = System.nanoTime() - passed;
        long engine = torch.nanos() - engineBefore + backward;
        return new StepTimes(forward / 1e9, backward / 1e9, momentum / 1e9, update / 1e9, engine / 1e9);
    }
}
