package io.mocozoo.train;

/**
 * Where the time of a step went, in seconds.
 *
 * @param forward online and momentum encoders, and the loss
 * @param backward gradients
 * @param momentum the momentum encoder following the online one; 0 where there is none
 * @param update norms, clipping and the optimiser
 * @param engine inside PyTorch's operations, of all of these; the rest is ours
 */
public record StepTimes(double forward, double backward, double momentum, double update, double engine) {
    /** All of the step but its data. */
    public double total() {
        return forward + backward + momentum + update;
    }
}
