package io.github.context4j.snippets;

import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.context4j.CanceledException;
import io.github.context4j.Context;
import io.github.context4j.DeadlineExceededException;
import io.github.context4j.ManualTime;
import io.github.context4j.TaskGroup;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The examples of docs/go-to-java.md. */
final class GoToJavaTests {
    private final ManualTime time = new ManualTime();
    private final Context ctx = time.root();

    private record User(String name) {}

    private interface Connection extends AutoCloseable {
        String read() throws IOException;

        @Override
        void close();
    }

    private User load(long id) {
        if (id < 0) {
            time.advance(ofMillis(200)); // as long as it takes
            Context.current().throwIfDone();
        }
        return new User("user " + id);
    }

    private User withTimeout(long id) {
        // @start region="call within"
        return ctx.callWithin(ofMillis(200), () -> load(id));
        // @end
    }

    private User withTimeoutInParts(long id) {
        // @start region="with timeout"
        try (var timed = ctx.withTimeout(ofMillis(200))) {
            return timed.call(() -> load(id));
        }
        // @end
    }

    @Test
    void bothFormsOfATimeOut() {
        assertThat(withTimeout(7)).isEqualTo(withTimeoutInParts(7)).isEqualTo(new User("user 7"));
        assertThatThrownBy(() -> withTimeout(-1)).isInstanceOf(DeadlineExceededException.class);
        assertThatThrownBy(() -> withTimeoutInParts(-1)).isInstanceOf(DeadlineExceededException.class);
    }

    private int sum(List<Integer> rows) {
        int sum = 0;
        // @start region="loop"
        for (int row : rows) {
            ctx.throwIfDone();
            sum += row;
        }
        // @end
        return sum;
    }

    @Test
    void aLoop() {
        assertThat(sum(List.of(1, 2, 3))).isEqualTo(6);
        try (var canceled = ctx.withCancel()) {
            canceled.cancel();
            assertThatThrownBy(canceled::throwIfDone).isInstanceOf(CanceledException.class);
        }
    }

    private String take(BlockingQueue<String> queue) throws InterruptedException {
        // @start region="select"
        String next = ctx.interruptibly(queue::take); // throws as soon as ctx is done
        // @end
        return next;
    }

    private void pause() throws InterruptedException {
        // @start region="sleep"
        ctx.sleep(Duration.ofSeconds(1));
        // @end
    }

    @Test
    void waiting() throws Exception {
        assertThat(take(new LinkedBlockingQueue<>(List.of("first")))).isEqualTo("first");
        Thread sleeping = new Thread(() -> {
            try {
                pause();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        sleeping.start();
        while (sleeping.isAlive()) {
            time.advance(Duration.ofSeconds(1));
            Thread.onSpinWait();
        }
    }

    private static String why(Context ctx) {
        // @start region="state"
        return switch (ctx.state()) {
            case ACTIVE -> "goes on"; // ctx.Err() == nil
            case CANCELED -> "canceled: " + ctx.cause();
            case DEADLINE_EXCEEDED -> "too late: " + ctx.cause();
        };
        // @end
    }

    @Test
    void whyItEnded() {
        assertThat(why(ctx)).isEqualTo("goes on");
        // @start region="cause"
        try (var job = ctx.withCancel()) {
            job.cancel(new IllegalStateException("disk full"));
            assert job.cause() instanceof IllegalStateException;
        }
        // @end
        try (var job = ctx.withTimeout(ofMillis(1), new IllegalStateException("slow"))) {
            time.advance(ofMillis(1));
            assertThat(why(job)).startsWith("too late: ").endsWith("slow");
        }
    }

    // @start region="key"
    private static final Context.Key<User> USER = Context.Key.named("user");

    // @end

    private @Nullable User user(User caller) {
        // @start region="value"
        Context known = ctx.withValue(USER, caller);
        User user = known.get(USER); // null if there is none
        // @end
        return user;
    }

    @Test
    void values() {
        assertThat(user(new User("me"))).isEqualTo(new User("me"));
        assertThat(ctx.get(USER)).isNull();
    }

    private static String read(Context ctx, Connection connection) throws IOException {
        // @start region="after func"
        try (var closing = ctx.onDone(connection::close)) { // stopped, or waited for, at the end of the block
            return connection.read();
        }
        // @end
    }

    @Test
    void somethingToDoWhenItEnds() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        try (var canceled = ctx.withCancel()) {
            Connection connection = new Connection() {
                @Override
                public String read() throws IOException {
                    canceled.cancel();
                    try {
                        closed.await();
                    } catch (InterruptedException e) {
                        throw new IOException(e);
                    }
                    return "the end";
                }

                @Override
                public void close() {
                    closed.countDown();
                }
            };
            assertThat(read(canceled, connection)).isEqualTo("the end");
        }
    }

    private void audit(List<String> entries) {
        // @start region="without cancel"
        ctx.withoutCancel().run(() -> entries.add("paid"));
        // @end
    }

    @Test
    void whatMustBeDoneAnyway() {
        List<String> entries = new ArrayList<>();
        audit(entries);
        assertThat(entries).containsExactly("paid");
    }

    private static List<User> loadAll(Context ctx, List<Long> ids, GoToJavaTests users) throws InterruptedException {
        List<TaskGroup.Fork<User>> forks = new ArrayList<>();
        // @start region="group"
        try (var group = TaskGroup.open(ctx, 4)) { // at most four at a time
            for (long id : ids) {
                forks.add(group.fork(() -> users.load(id)));
            }
            group.join(); // throws what the first task threw that failed; the others are canceled then
        }
        // @end
        return forks.stream().map(TaskGroup.Fork::get).toList();
    }

    @Test
    void aGroup() throws Exception {
        assertThat(loadAll(Context.background(), List.of(1L, 2L), this))
                .containsExactly(new User("user 1"), new User("user 2"));
    }

    private Future<User> elsewhere(ExecutorService executor, long id) {
        // @start region="executor"
        Future<User> user = executor.submit(ctx.wrap(() -> load(id))); // or once: Context.propagating(executor)
        // @end
        return user;
    }

    private User await(Future<User> future) throws ExecutionException, InterruptedException {
        // @start region="future"
        User user = ctx.await(ctx.cancelOnDone(future));
        // @end
        return user;
    }

    @Test
    void onAnotherThread() throws Exception {
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try {
            assertThat(await(elsewhere(executor, 7))).isEqualTo(new User("user 7"));
        } finally {
            executor.shutdown();
            assertThat(executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        }
    }
}
