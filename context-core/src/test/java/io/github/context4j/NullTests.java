package io.github.context4j;

import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.github.context4j.Context.Op;
import io.github.context4j.Context.VoidOp;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@SuppressWarnings({"MustBeClosed", "NullAway", "DataFlowIssue"})
final class NullTests {
    private static final Context context = Context.background();
    private static final Duration second = Duration.ofSeconds(1);
    private static final Deadline deadline = Deadline.after(second);

    static Stream<Arguments> calls() {
        return Stream.of(
                of("call", "op", () -> context.call((Op<Object, Exception>) null)),
                of("run", "op", () -> context.run((VoidOp<Exception>) null)),
                of("callWithin op", "op", () -> context.callWithin(second, (Op<Object, Exception>) null)),
                of("callWithin", "timeout", () -> context.callWithin(null, () -> "")),
                of("runWithin op", "op", () -> context.runWithin(second, (VoidOp<Exception>) null)),
                of("runWithin", "timeout", () -> context.runWithin(null, () -> {})),
                of("withTimeout", "timeout", () -> context.withTimeout(null)),
                of("withTimeout and cause", "timeout", () -> context.withTimeout(null, new Exception())),
                of("withTimeout cause", "cause", () -> context.withTimeout(second, null)),
                of("withDeadline", "deadline", () -> context.withDeadline(null)),
                of("withDeadline and cause", "deadline", () -> context.withDeadline(null, new Exception())),
                of("withDeadline cause", "cause", () -> context.withDeadline(deadline, null)),
                of("withValue key", "key", () -> context.withValue(null, "")),
                of("withValue value", "value", () -> context.withValue(Context.Key.<String>named("key"), null)),
                of("get", "key", () -> context.get(null)),
                of("onDone", "action", () -> context.onDone(null)),
                of("onDone action", "action", () -> context.onDone(null, Runnable::run)),
                of("onDone executor", "executor", () -> context.onDone(() -> {}, null)),
                of("cancelOnDone", "future", () -> context.cancelOnDone(null)),
                of("sleep", "time", () -> context.sleep(null)),
                of("await", "future", () -> context.await(null)),
                of("interruptibly", "op", () -> context.interruptibly((Op<Object, Exception>) null)),
                of("TaskGroup.open", "parent", () -> TaskGroup.open(null)),
                of("fork", "task", () -> TaskGroup.open(context).fork((Callable<Object>) null)),
                of("fork without a result", "task", () -> TaskGroup.open(context)
                        .fork((VoidOp<Exception>) null)),
                of("tryFork", "task", () -> TaskGroup.open(context).tryFork(null)),
                of("join", "checked", () -> TaskGroup.open(context).join(null)),
                of("wrap runnable", "task", () -> context.wrap((Runnable) null)),
                of("wrap callable", "task", () -> context.wrap((Callable<String>) null)),
                of("wrapSupplier", "supplier", () -> context.wrapSupplier(null)),
                of("propagating executor", "executor", () -> Context.propagating((Executor) null)),
                of("propagating service", "executor", () -> Context.propagating((ExecutorService) null)),
                of("execute", "task", () -> Context.propagating(Runnable::run).execute(null)),
                of("cancel", "cause", () -> context.withCancel().cancel(null)),
                of("Key.named", "name", () -> Context.Key.named(null)),
                of("Deadline.after", "time", () -> Deadline.after(null)),
                of("Deadline.at", "instant", () -> Deadline.at((Instant) null)),
                of("Deadline.remaining", "unit", () -> deadline.remaining((TimeUnit) null)),
                of("Deadline.earlier", "other", () -> deadline.earlier(null)),
                of("Deadline.compareTo", "other", () -> deadline.compareTo(null)),
                of("ContextException.in", "failure", () -> ContextException.in(null)),
                of("ContextTree.derivedFrom", "context", () -> ContextTree.derivedFrom(null, 1)),
                of("ManualTime.advance", "time", () -> new ManualTime().advance(null)));
    }

    private static Arguments of(String name, String parameter, ThrowingCallable call) {
        return Arguments.of(Named.of(name, call), parameter);
    }

    @ParameterizedTest
    @MethodSource("calls")
    void isRefusedByName(ThrowingCallable call, String parameter) {
        assertThatNullPointerException().isThrownBy(call).withMessage(parameter);
    }
}
