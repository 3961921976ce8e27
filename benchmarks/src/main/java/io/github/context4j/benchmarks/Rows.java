package io.github.context4j.benchmarks;

import static io.github.context4j.benchmarks.Peer.FORK_JOIN;
import static io.github.context4j.benchmarks.Peer.GO;
import static io.github.context4j.benchmarks.Peer.GRPC;
import static io.github.context4j.benchmarks.Peer.KOTLIN;
import static io.github.context4j.benchmarks.Peer.NETTY;
import static io.github.context4j.benchmarks.Peer.NETTY_COARSE;
import static io.github.context4j.benchmarks.Peer.STRUCTURED;
import static io.github.context4j.benchmarks.Peer.THREAD_POOL;

import io.github.context4j.benchmarks.Sample.Metric;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** All rows of the comparison, with their goals. */
final class Rows {
    private static final String LIVE = "live";
    private static final int FEW = 40;
    private static final int[] LIVE_TIMERS = {FEW, 4_000, 400_000};

    /** What the JVM itself and the benchmark's own thread may take. */
    private static final double IDLE_MILLIS = 5;

    private Rows() {}

    static List<Row> all() {
        List<Row> rows = new ArrayList<>(tree());
        rows.addAll(cancels());
        rows.addAll(valuesAndGroups());
        rows.addAll(timers());
        return rows;
    }

    private static List<Row> tree() {
        Case underAParent = Case.of(TreeBenchmark.class, "cancelUnderALiveParent");
        Case timeoutUnderAParent = Case.of(TimerBenchmark.class, "timeoutUnderALiveParent", LIVE, FEW);
        Case request = Case.of(TimerBenchmark.class, "request", LIVE, FEW);
        return List.of(
                Row.of(
                        "withCancel + close, ns",
                        Case.of(TreeBenchmark.class, "cancel"),
                        Goal.atMost(25),
                        GO,
                        GRPC,
                        KOTLIN),
                Row.of("withCancel + close, live parent, ns", underAParent, Goal.atMost(60), GO, GRPC, KOTLIN),
                Row.of(
                        "withCancel + close, live parent, 2 threads, ns",
                        underAParent.onTwoThreads(),
                        Goal.atMost(250),
                        GO,
                        KOTLIN),
                Row.of("withTimeout + close, live parent, ns", timeoutUnderAParent, Goal.NONE, GO),
                Row.of(
                        "withTimeout + close, live parent, 2 threads, ns",
                        timeoutUnderAParent.onTwoThreads(),
                        Goal.atMost(350),
                        GO),
                Row.of("request: withCancel, withTimeout, close both, ns", request, Goal.atMost(170), GO, GRPC),
                Row.of("state, ns", Case.of(TreeBenchmark.class, "state"), Goal.atMost(1), GO, GRPC, KOTLIN),
                Row.of(
                        "onDone + stop, ns",
                        Case.of(TreeBenchmark.class, "onDoneAndStop"),
                        Goal.atMost(50),
                        GO,
                        GRPC,
                        KOTLIN));
    }

    private static List<Row> cancels() {
        List<Row> rows = new ArrayList<>();
        rows.add(Row.of(
                "cancel a chain of 1,000, us",
                Case.of(CancelBenchmark.class, "cancelAll", "shape", "chain"),
                Metric.TIME,
                CancelBenchmark.trees(1_000) * 1e3,
                Goal.atMost(60),
                GO,
                GRPC,
                KOTLIN));
        for (int children = 10; children <= 100_000; children *= 10) {
            rows.add(Row.of(
                    String.format(Locale.ROOT, "cancel %,d children, ns per child", children),
                    Case.of(CancelBenchmark.class, "cancelAll", "shape", children),
                    Metric.TIME,
                    (double) CancelBenchmark.trees(children) * children,
                    Goal.atMost(30),
                    GO,
                    GRPC,
                    KOTLIN));
        }
        return rows;
    }

    private static List<Row> valuesAndGroups() {
        Case three = Case.of(GroupBenchmark.class, "threeTasks");
        Goal ahead = Goal.aheadOf(STRUCTURED);
        return List.of(
                Row.of("get, 10 deep, ns", Case.of(ValueBenchmark.class, "get", "depth", 10), Goal.atMost(6), GO, GRPC),
                Row.of(
                        "get, 100 deep, ns",
                        Case.of(ValueBenchmark.class, "get", "depth", 100),
                        Goal.atMost(60),
                        GO,
                        GRPC),
                Row.of("group of three tasks, us", three, Metric.TIME, 1e3, ahead, GO, STRUCTURED),
                Row.of(
                        "group of three tasks, from a virtual thread, us",
                        three.onAVirtualThread(),
                        Metric.TIME,
                        1e3,
                        ahead,
                        GO,
                        STRUCTURED));
    }

    private static List<Row> timers() {
        List<Row> rows = new ArrayList<>();
        for (int live : LIVE_TIMERS) {
            rows.add(Row.of(
                    String.format(Locale.ROOT, "withTimeout + close, %,d live, ns", live),
                    timeout(live),
                    live == FEW ? Goal.atMost(120, 72) : Goal.flat(timeout(FEW)),
                    GO,
                    GRPC,
                    THREAD_POOL,
                    NETTY,
                    NETTY_COARSE,
                    FORK_JOIN));
        }
        for (int live : LIVE_TIMERS) {
            rows.add(Row.of(
                    String.format(Locale.ROOT, "withTimeout + close, %,d live, 2 threads, ns", live),
                    timeout(live).onTwoThreads(),
                    live == FEW ? Goal.NONE : Goal.flat(timeout(FEW).onTwoThreads()),
                    GO,
                    THREAD_POOL,
                    NETTY,
                    NETTY_COARSE,
                    FORK_JOIN));
        }
        rows.addAll(lateness());
        return rows;
    }

    private static Case timeout(int live) {
        return Case.of(TimerBenchmark.class, "timeout", LIVE, live);
    }

    private static List<Row> lateness() {
        Case late = Case.of(LatenessBenchmark.class, "fire");
        return List.of(
                Row.of("lateness p50, us", late, Metric.P50, 1, Goal.atMost(100), THREAD_POOL, NETTY, FORK_JOIN),
                Row.of("lateness p99, us", late, Metric.P99, 1, Goal.atMost(500), THREAD_POOL, NETTY, FORK_JOIN),
                Row.of(
                        "CPU of an idle JVM with 40 live, ms per s",
                        Case.of(TimerBenchmark.class, "idle", LIVE, FEW),
                        Metric.CPU,
                        1e6,
                        Goal.atMost(IDLE_MILLIS),
                        THREAD_POOL,
                        NETTY,
                        NETTY_COARSE,
                        FORK_JOIN));
    }
}
