package io.github.context4j.spring.propagation;

import io.github.context4j.Carrier;
import io.github.context4j.Context;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Several carriers as one. What the last one takes along is given to a thread last, and taken from it first. */
public final class Carriers implements Carrier {
    private final List<Carrier> carriers;

    public Carriers(List<Carrier> carriers) {
        this.carriers = List.copyOf(carriers);
    }

    @Override
    public @Nullable Load capture() {
        List<Load> loads = new ArrayList<>(carriers.size());
        for (Carrier carrier : carriers) {
            Load load = carrier.capture();
            if (load != null) {
                loads.add(load);
            }
        }
        return switch (loads.size()) {
            case 0 -> null;
            case 1 -> loads.get(0);
            default -> () -> open(loads, 0);
        };
    }

    @SuppressWarnings("MustBeClosed") // by whoever gets it
    private static Context.Scope open(List<Load> loads, int first) {
        Context.Scope outer = loads.get(first).open();
        if (first == loads.size() - 1) {
            return outer;
        }
        try {
            Context.Scope inner = open(loads, first + 1);
            return () -> close(inner, outer);
        } catch (RuntimeException | Error e) {
            outer.close();
            throw e;
        }
    }

    private static void close(Context.Scope inner, Context.Scope outer) {
        try (outer;
                inner) {
            // In this order, inner first, whatever one of them throws.
        }
    }
}
