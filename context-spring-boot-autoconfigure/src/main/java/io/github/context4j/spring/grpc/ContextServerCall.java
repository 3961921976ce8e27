package io.github.context4j.spring.grpc;

import io.github.context4j.Context;
import io.github.context4j.ContextException;
import io.github.context4j.CurrentContext;
import io.github.context4j.DeadlineExceededException;
import io.github.context4j.spring.ClientDisconnectedException;
import io.github.context4j.spring.RequestTimeoutException;
import io.github.context4j.spring.ShutdownException;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/** A call to a server whose failures because of its context are answered with the status that says so. */
final class ContextServerCall<Q, R> extends SimpleForwardingServerCall<Q, R> {
    private static final Log logger = LogFactory.getLog(ContextServerInterceptor.class);

    private static final Status TOOK_LONGER =
            Status.DEADLINE_EXCEEDED.withDescription("The call took longer than it may.");
    private static final Status TOO_LITTLE_TIME =
            Status.DEADLINE_EXCEEDED.withDescription("The caller left too little time for the call.");
    private static final Status STOPPING = Status.UNAVAILABLE.withDescription("The server is shutting down.");
    private static final Status CANCELED = Status.CANCELLED.withDescription("The call was canceled.");

    private final ServerCallContext context;
    private volatile boolean closed;

    /** Whether the call was closed for the service, which is not to notice; guarded by this, as whatever closes or sends is. */
    private boolean answered;

    ContextServerCall(ServerCall<Q, R> call, ServerCallContext context) {
        super(call);
        this.context = context;
    }

    /** Answers without calling the service. Strangers may send such calls: no line in the log by default. */
    ServerCall.Listener<Q> refuse() {
        if (logger.isDebugEnabled()) {
            logger.debug(context.name() + ": refused, its caller has left it too little time");
        }
        close(TOO_LITTLE_TIME, new Metadata());
        context.end();
        return new ServerCall.Listener<>() {};
    }

    ServerCall.Listener<Q> start(Metadata headers, ServerCallHandler<Q, R> next) {
        Context previous = CurrentContext.exchange(context.context());
        try {
            return new ContextServerCallListener<>(next.startCall(this, headers), this, context);
        } catch (Throwable failure) {
            boolean answered = answer(failure);
            context.end();
            if (!answered) {
                throw failure;
            }
            return new ServerCall.Listener<>() {};
        } finally {
            CurrentContext.exchange(previous);
        }
    }

    boolean isClosed() {
        return closed;
    }

    @Override
    public synchronized void sendHeaders(Metadata headers) {
        if (!answered) {
            super.sendHeaders(headers);
        }
    }

    @Override
    public synchronized void sendMessage(R message) {
        if (!answered) {
            super.sendMessage(message);
        }
    }

    @Override
    public synchronized void close(Status status, Metadata trailers) {
        if (answered) {
            return;
        }
        closed = true;
        Status answer = status;
        Throwable failure = status.getCause();
        if (failure != null && maySayThatAContextEnded(status)) {
            Status exact = statusOf(failure);
            answer = exact == null || exact.getCode() == status.getCode() ? status : exact;
        }
        context.handlerClosed();
        super.close(answer, trailers);
    }

    /** By themselves, or by way of a call to another server. What the service chose to say otherwise is left to it. */
    private static boolean maySayThatAContextEnded(Status status) {
        return switch (status.getCode()) {
            case UNKNOWN, CANCELLED, DEADLINE_EXCEEDED -> true;
            default -> false;
        };
    }

    /** Closes the call for {@code failure}, if a context is why it happened and the call is still open. */
    synchronized boolean answer(Throwable failure) {
        Status status = closed ? null : statusOf(failure);
        if (status != null) {
            close(status, new Metadata());
            answered = true;
        }
        return status != null;
    }

    private @Nullable Status statusOf(Throwable failure) {
        ContextException ended = ContextException.in(failure);
        if (ended == null) {
            return null;
        }
        String what = context.name() + ": " + ended.getMessage();
        Throwable cause = context.context().cause();
        if (cause instanceof ShutdownException) {
            logger.info(what);
            return STOPPING;
        }
        boolean late = cause instanceof RequestTimeoutException || ended instanceof DeadlineExceededException;
        if (late && !(cause instanceof ClientDisconnectedException)) {
            logger.warn(what);
            return TOOK_LONGER;
        }
        logger.debug(what);
        return CANCELED;
    }
}
