package io.github.context4j.spring;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Is told what becomes of contexts and of the calls under them. All beans of this type are told, in their order, on the
 * thread on which it happens: implementations do not block. What they throw is logged and otherwise ignored.
 */
public interface ContextObserver {

    /** A request began; called on its thread. */
    default void requestBegan(LiveContext request) {}

    /** The context of a request ended, and the request goes on. */
    default void requestDone(LiveContext request) {}

    /** The context of a call ended, and the call goes on. */
    default void callDone(DependencyCall call) {}

    /**
     * A request ended.
     *
     * @param cause why its context ended before the request did, null if it did not
     */
    default void requestEnded(Outcome outcome, @Nullable Throwable cause, Duration duration) {}

    /** A call to a dependency ended. */
    default void callEnded(DependencyCall call, Outcome outcome, Duration duration) {}

    /**
     * Work whose context had ended came to its end.
     *
     * @param dependency whose work it was, null for the request itself
     * @param latency from the end of the context to the end of the work
     */
    default void cancellationTook(@Nullable Dependency dependency, Duration latency) {}

    /** A client left before it had its response. */
    default void clientDisconnected(ClientDisconnectedException.Kind kind) {}

    /** A caller sent a {@code header} that says no time, and was taken as if it had not. */
    default void deadlineHeaderIgnored(DeadlineHeader header) {}

    /** An attempt was made to cancel a query. */
    default void queryCanceled(Dependency dependency, CancelResult result) {}
}
