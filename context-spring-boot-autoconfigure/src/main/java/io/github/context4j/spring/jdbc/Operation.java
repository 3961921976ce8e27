package io.github.context4j.spring.jdbc;

import io.github.context4j.Context;
import io.github.context4j.ContextException;
import io.github.context4j.spring.CancelResult;
import io.github.context4j.spring.Dependency;
import io.github.context4j.spring.DependencyCall;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One operation under a context: a query with its fetches, or a single call such as a commit. It listens to the context
 * from beginning to end, but acts only while the driver is inside a call of it.
 *
 * <p>The state below is guarded by the session's lock. The order is: check the context, enter, call the driver, leave. To
 * leave is to say that no cancel may be sent from now on, and then to wait for the one in flight: a cancel names only a
 * connection, and would hit whatever that executes when it arrives. Leaving and aborting exclude each other.
 */
final class Operation {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(2);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(250);

    private enum Driver {
        /** Not inside a call of this operation. */
        OUTSIDE,
        /** Inside a call that is canceled when the context ends. */
        CANCELABLE,
        /** Inside a call that is never canceled, only aborted when it does not end. */
        UNCANCELABLE
    }

    private final Session session;
    private final Context context;
    private final @Nullable DependencyCall call;
    private final @Nullable CancelSignal signal;
    private Context.@Nullable Registration registration;

    private Driver driver = Driver.OUTSIDE;
    private int calls;
    private boolean contextEnded;
    private boolean cancelSent;
    private boolean inFlight;
    private Duration pause = FIRST_PAUSE;
    private @Nullable Alarm resend;
    private @Nullable Alarm abort;

    private @Nullable Throwable failure;
    private boolean over;

    Operation(Session session, Context context, @Nullable DependencyCall call, @Nullable CancelSignal signal) {
        this.session = session;
        this.context = context;
        this.call = call;
        this.signal = signal;
    }

    void listen() {
        registration =
                call != null ? call.onDone(this::contextEnded) : context.onDone(this::contextEnded, Runnable::run);
    }

    /** Runs a call to the driver that is canceled when the context ends. */
    <T extends @Nullable Object> T run(SqlCall<T> body) throws SQLException {
        requireActive();
        return inside(Driver.CANCELABLE, body);
    }

    /** Runs a call to the driver that nothing but an abort ends. */
    <T extends @Nullable Object> T runToEnd(SqlCall<T> body) throws SQLException {
        return inside(Driver.UNCANCELABLE, body);
    }

    /** @throws SQLException if the context has ended; the transaction is doomed then */
    void requireActive() throws SQLException {
        ContextException ended = context.exception();
        if (ended != null) {
            session.transaction.doom(ended);
            throw remember(Failures.of(ended, null));
        }
    }

    private <T extends @Nullable Object> T inside(Driver how, SqlCall<T> body) throws SQLException {
        try {
            try {
                enter(how);
                return body.callMasked();
            } finally {
                leave();
            }
        } catch (SQLException e) {
            throw remember(translate(e));
        } catch (RuntimeException | Error e) {
            doomIfCanceled();
            failure = e;
            throw e;
        }
    }

    private void enter(Driver how) throws SQLException {
        session.lock.lock();
        try {
            session.requireAlive();
            driver = how;
            calls++;
            if (contextEnded) {
                react(); // it ended after it was checked: what is due then is due now
            }
        } finally {
            session.lock.unlock();
        }
    }

    private void contextEnded() {
        session.lock.lock();
        try {
            contextEnded = true;
            if (driver != Driver.OUTSIDE) {
                react();
            }
        } finally {
            session.lock.unlock();
        }
    }

    private void react() {
        int current = calls;
        abort = Alarm.in(session.guard.abortAfter, () -> abort(current));
        if (driver == Driver.CANCELABLE && signal != null) {
            session.guard.cancellers.execute(this::send);
        }
    }

    /** Sends a cancel, and arranges for the next, on a canceller thread. */
    private void send() {
        CancelSignal target = signal;
        if (target == null || !takeOff()) {
            return;
        }
        CancelSignal.Delivery delivery = target.send();
        try {
            report(delivery);
        } finally {
            land(delivery);
        }
    }

    private void report(CancelSignal.Delivery delivery) {
        switch (delivery) {
            case CERTAIN -> session.guard.report(dependency(), CancelResult.SENT);
            case UNKNOWN -> {
                session.abort(dependency(), context.exception());
                session.guard.report(dependency(), CancelResult.UNKNOWN);
            }
            case UNSUPPORTED -> {} // the abort is due all the same
        }
    }

    private boolean takeOff() {
        session.lock.lock();
        try {
            if (driver != Driver.CANCELABLE || session.isDead()) {
                return false;
            }
            inFlight = true;
            cancelSent = true;
            return true;
        } finally {
            session.lock.unlock();
        }
    }

    private void land(CancelSignal.Delivery delivery) {
        session.lock.lock();
        try {
            inFlight = false;
            session.quiet.signalAll();
            if (delivery == CancelSignal.Delivery.CERTAIN && driver == Driver.CANCELABLE && !session.isDead()) {
                resend = Alarm.in(pause, () -> session.guard.cancellers.execute(this::send));
                Duration longer = pause.multipliedBy(2);
                pause = longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
            }
        } finally {
            session.lock.unlock();
        }
    }

    private void abort(int which) {
        boolean won;
        session.lock.lock();
        try {
            won = calls == which && driver != Driver.OUTSIDE && session.kill(context.exception());
        } finally {
            session.lock.unlock();
        }
        if (won) {
            session.breakConnection(dependency());
        }
    }

    private void leave() {
        session.lock.lock();
        try {
            driver = Driver.UNCANCELABLE; // no cancel from now on, but still an abort
            while (inFlight && !session.isDead()) {
                session.quiet.awaitUninterruptibly();
            }
            driver = Driver.OUTSIDE;
            abort = stop(abort);
            resend = stop(resend);
        } finally {
            session.lock.unlock();
        }
    }

    private static @Nullable Alarm stop(@Nullable Alarm alarm) {
        if (alarm != null) {
            alarm.cancel();
        }
        return null;
    }

    private SQLException translate(SQLException driverFailure) {
        ContextException ended = context.exception();
        if (ended == null) {
            return driverFailure;
        }
        boolean byContext = session.isDead() || Failures.isCancellation(driverFailure);
        if (byContext || cancelSent) {
            session.transaction.doom(ended);
        }
        return byContext ? Failures.of(ended, driverFailure) : driverFailure;
    }

    private void doomIfCanceled() {
        ContextException ended = context.exception();
        if (ended != null && cancelSent) {
            session.transaction.doom(ended);
        }
    }

    private SQLException remember(SQLException e) {
        failure = e;
        return e;
    }

    private Dependency dependency() {
        return call != null ? call.dependency() : session.guard.dependency;
    }

    /** Whether the operation is over, so that nothing obeys its context any more. */
    boolean isOver() {
        return over;
    }

    /** Ends the operation. Idempotent. */
    void end() {
        if (over) {
            return;
        }
        over = true;
        if (registration != null) {
            registration.stop();
        }
        session.ended(this);
        if (call != null) {
            call.end(failure);
        }
    }
}
