package io.github.context4j.benchmarks;

/** What is measured: ours, and what it is compared with. */
enum Peer {
    OURS("ours", "Ours"),
    GO("Go", ""),
    GRPC("grpc Context", "Grpc"),
    KOTLIN("Kotlin Job", "Kotlin"),
    THREAD_POOL("ScheduledThreadPoolExecutor", "ThreadPool"),
    NETTY("Netty wheel, 1 ms", "Netty", 17, "1"),
    NETTY_COARSE("Netty wheel, 100 ms", "Netty", 17, "100"),
    FORK_JOIN("ForkJoinPool", "ForkJoin", 25, ""),
    STRUCTURED("StructuredTaskScope", "Structured", 25, "");

    /** The name in the table. */
    final String title;

    /** The class of its benchmarks, inside the one of their topic. */
    final String className;

    /** The first JDK that has it. */
    final int since;

    /** The length of a tick, empty where there is none. */
    final String tickMillis;

    Peer(String title, String className) {
        this(title, className, 17, "");
    }

    Peer(String title, String className, int since, String tickMillis) {
        this.title = title;
        this.className = className;
        this.since = since;
        this.tickMillis = tickMillis;
    }
}
