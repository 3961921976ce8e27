package io.github.context4j.benchmarks;

import io.github.context4j.Context;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The value that the outermost of many contexts has, asked of the innermost. */
public final class ValueBenchmark {
    private ValueBenchmark() {}

    @State(Scope.Benchmark)
    public static class Ours extends AverageTimeBenchmark {
        private static final Context.Key<String> KEY = Context.Key.named("key");

        @Param({"10", "100"})
        private int depth;

        private Context innermost = Context.background();

        @Setup
        public void nest() {
            innermost = Context.background().withValue(KEY, "value");
            for (int i = 1; i < depth; i++) {
                innermost = innermost.withValue(Context.Key.<Integer>named("level"), i);
            }
        }

        @Benchmark
        public @Nullable String get() {
            return innermost.get(KEY);
        }
    }

    @State(Scope.Benchmark)
    public static class Grpc extends AverageTimeBenchmark {
        private static final io.grpc.Context.Key<String> KEY = io.grpc.Context.key("key");

        @Param({"10", "100"})
        private int depth;

        private io.grpc.Context innermost = io.grpc.Context.ROOT;

        @Setup
        public void nest() {
            innermost = io.grpc.Context.ROOT.withValue(KEY, "value");
            for (int i = 1; i < depth; i++) {
                innermost = innermost.withValue(io.grpc.Context.<Integer>key("level"), i);
            }
        }

        @Benchmark
        public @Nullable String get() {
            return KEY.get(innermost);
        }
    }
}
