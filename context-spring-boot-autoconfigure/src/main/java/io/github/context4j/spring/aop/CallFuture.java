package io.github.context4j.spring.aop;

import io.github.context4j.Context;
import io.github.context4j.ContextException;
import io.github.context4j.spring.NamedCall;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The result of a call that is not told when that of the method is there, but when somebody sees that it is. */
final class CallFuture<T> implements Future<T> {
    private final NamedCall call;
    private final Future<T> future;
    private final Context.Registration registration;
    private volatile @Nullable ContextException ended;

    CallFuture(NamedCall call, Future<T> future) {
        this.call = call;
        this.future = future;
        this.registration = call.context().onDone(this::contextEnded);
    }

    private void contextEnded() {
        if (future.isDone()) {
            call.end(null);
        } else {
            ended = call.context().exception();
            call.end(ended);
            future.cancel(true);
        }
    }

    private void seen(@Nullable Throwable failure) {
        registration.stop();
        call.end(failure);
    }

    @Override
    public T get() throws InterruptedException, ExecutionException {
        try {
            T value = future.get();
            seen(null);
            return value;
        } catch (ExecutionException | CancellationException e) {
            throw failed(e);
        }
    }

    @Override
    public T get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
        try {
            T value = future.get(timeout, unit);
            seen(null);
            return value;
        } catch (ExecutionException | CancellationException e) {
            throw failed(e);
        }
    }

    private ExecutionException failed(Exception e) {
        seen(e);
        if (e instanceof ExecutionException failure) {
            return failure;
        }
        ContextException why = ended;
        if (why == null) {
            throw (CancellationException) e;
        }
        return new ExecutionException(why);
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean canceled = future.cancel(mayInterruptIfRunning);
        if (future.isDone()) {
            seen(canceled ? new CancellationException() : null);
        }
        return canceled;
    }

    @Override
    public boolean isCancelled() {
        return future.isCancelled();
    }

    @Override
    public boolean isDone() {
        boolean done = future.isDone();
        if (done && !future.isCancelled()) {
            seen(null);
        }
        return done;
    }
}
