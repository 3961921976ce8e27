package io.github.context4j.spring.propagation;

import io.github.context4j.Carrier;
import io.github.context4j.Context;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Several carriers as one. What the last one takes along is given to a thread last, and taken from it first. What one of them
 * throws is logged, and the task goes on without what it is for.
 */
public final class Carriers implements Carrier {
    private static final System.Logger logger = System.getLogger(Carriers.class.getName());

    private final List<Carrier> carriers;
    private final AtomicBoolean warned = new AtomicBoolean();

    public Carriers(List<Carrier> carriers) {
        this.carriers = List.copyOf(carriers);
    }

    @Override
    public @Nullable Load capture() {
        List<Load> loads = new ArrayList<>(carriers.size());
        for (Carrier carrier : carriers) {
            try {
                Load load = carrier.capture();
                if (load != null) {
                    loads.add(load);
                }
            } catch (RuntimeException | LinkageError e) {
                failed(e);
            }
        }
        return loads.isEmpty() ? null : () -> open(loads);
    }

    private Context.Scope open(List<Load> loads) {
        Deque<Context.Scope> opened = new ArrayDeque<>(loads.size());
        for (Load load : loads) {
            try {
                opened.push(load.open());
            } catch (RuntimeException | LinkageError e) {
                failed(e);
            }
        }
        return () -> opened.forEach(this::close);
    }

    private void close(Context.Scope scope) {
        try {
            scope.close();
        } catch (RuntimeException | LinkageError e) {
            failed(e);
        }
    }

    private void failed(Throwable failure) {
        System.Logger.Level level =
                warned.compareAndSet(false, true) ? System.Logger.Level.WARNING : System.Logger.Level.DEBUG;
        logger.log(level, "A carrier failed, and what it is for did not go along with a task", failure);
    }
}
