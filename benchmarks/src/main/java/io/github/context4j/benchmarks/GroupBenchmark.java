package io.github.context4j.benchmarks;

import static java.lang.invoke.MethodType.methodType;

import io.github.context4j.Context;
import io.github.context4j.TaskGroup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.concurrent.Callable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Three tasks that do nothing, waited for. */
public final class GroupBenchmark {
    private static final Callable<String> TASK = () -> "done";

    private GroupBenchmark() {}

    @State(Scope.Benchmark)
    public static class Ours extends AverageTimeBenchmark {
        @Benchmark
        public int threeTasks() throws InterruptedException {
            try (TaskGroup group = TaskGroup.open(Context.background())) {
                TaskGroup.Fork<String> first = group.fork(TASK);
                TaskGroup.Fork<String> second = group.fork(TASK);
                TaskGroup.Fork<String> third = group.fork(TASK);
                group.join();
                return first.get().length()
                        + second.get().length()
                        + third.get().length();
            }
        }
    }

    /**
     * {@code StructuredTaskScope} of JDK 25, where it is a preview: handles of constant methods cost nothing, and the module
     * remains one for Java 17.
     */
    @State(Scope.Benchmark)
    public static class Structured extends AverageTimeBenchmark {
        private static final MethodHandle OPEN;
        private static final MethodHandle FORK;
        private static final MethodHandle JOIN;
        private static final MethodHandle GET;

        static {
            try {
                MethodHandles.Lookup lookup = MethodHandles.lookup();
                Class<?> scope = Class.forName("java.util.concurrent.StructuredTaskScope");
                Class<?> subtask = Class.forName("java.util.concurrent.StructuredTaskScope$Subtask");
                OPEN = lookup.findStatic(scope, "open", methodType(scope)).asType(methodType(AutoCloseable.class));
                FORK = lookup.findVirtual(scope, "fork", methodType(subtask, Callable.class))
                        .asType(methodType(Object.class, AutoCloseable.class, Callable.class));
                JOIN = lookup.findVirtual(scope, "join", methodType(Object.class))
                        .asType(methodType(Object.class, AutoCloseable.class));
                GET = lookup.findVirtual(subtask, "get", methodType(Object.class))
                        .asType(methodType(String.class, Object.class));
            } catch (ReflectiveOperationException e) {
                throw new UnsupportedOperationException("StructuredTaskScope: needs JDK 25", e);
            }
        }

        @Benchmark
        public int threeTasks() throws Throwable {
            try (AutoCloseable scope = (AutoCloseable) OPEN.invokeExact()) {
                Object first = (Object) FORK.invokeExact(scope, TASK);
                Object second = (Object) FORK.invokeExact(scope, TASK);
                Object third = (Object) FORK.invokeExact(scope, TASK);
                Object joined = (Object) JOIN.invokeExact(scope);
                return length(first) + length(second) + length(third) + (joined == null ? 0 : 1);
            }
        }

        private static int length(Object subtask) throws Throwable {
            return ((String) GET.invokeExact(subtask)).length();
        }
    }
}
