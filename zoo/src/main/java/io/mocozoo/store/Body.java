package io.mocozoo.store;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A response's bytes as they come, with a bound on the wait for the next: Java's client bounds the whole or nothing. */
final class Body implements HttpResponse.BodySubscriber<Body>, AutoCloseable {
    private final BlockingQueue<Arrival> arrivals = new LinkedBlockingQueue<>();
    private final Duration idle;
    private Flow.@Nullable Subscription subscription;
    private boolean closed;

    Body(Duration idle) {
        this.idle = idle;
    }

    /** Bytes, or without them the end; with a failure a bad one. */
    private record Arrival(Optional<List<ByteBuffer>> bytes, @Nullable Throwable failure) {}

    @Override
    public CompletionStage<Body> getBody() {
        return CompletableFuture.completedStage(this);
    }

    @Override
    public synchronized void onSubscribe(Flow.Subscription given) {
        if (closed) {
            given.cancel();
        } else {
            subscription = given;
            given.request(1);
        }
    }

    @Override
    public void onNext(List<ByteBuffer> bytes) {
        arrivals.add(new Arrival(Optional.of(bytes), null));
    }

    @Override
    public void onError(Throwable failure) {
        arrivals.add(new Arrival(Optional.empty(), failure));
    }

    @Override
    public void onComplete() {
        arrivals.add(new Arrival(Optional.empty(), null));
    }

    /**
     * The next bytes, or nothing at the end.
     *
     * @throws TransientException if the connection broke, or no byte came in time
     */
    Optional<List<ByteBuffer>> next() throws IOException {
        Arrival arrival;
        try {
            arrival = arrivals.poll(idle.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the download was interrupted; the next one goes on from here");
        }
        if (arrival == null) {
            throw new TransientException("no byte came for " + idle.toMillis() / 1000.0 + " s");
        }
        if (arrival.failure() != null) {
            throw new TransientException(
                    "the connection broke (" + arrival.failure().getMessage() + ")",
                    arrival.failure(),
                    Optional.empty());
        }
        if (arrival.bytes().isPresent()) {
            more();
        }
        return arrival.bytes();
    }

    private synchronized void more() {
        if (subscription != null) {
            subscription.request(1);
        }
    }

    /** Lets go of the connection, if the body was not read to its end. */
    @Override
    public synchronized void close() {
        closed = true;
        if (subscription != null) {
            subscription.cancel();
        }
    }
}
