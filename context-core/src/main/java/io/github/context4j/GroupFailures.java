package io.github.context4j;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** What went wrong in an {@link ErrorGroup}, in the order of time; guarded by its lock. */
final class GroupFailures {
    /** Longer cause chains than this are taken for cycles. */
    private static final int MAX_DEPTH = 100;

    private @Nullable Throwable first;
    private final List<Throwable> others = new ArrayList<>();

    /**
     * Takes note of a failure.
     *
     * @return whether it is the first
     */
    boolean add(Throwable failure, boolean ran) {
        if (first == null) {
            first = failure;
            return true;
        }
        if (ran && !passesOn(failure, first)) {
            others.add(failure);
        }
        return false;
    }

    /** The first failure with the others, each added once, as suppressed; null if there is none. */
    @Nullable
    Throwable take() {
        if (first != null) {
            others.forEach(first::addSuppressed);
            others.clear();
        }
        return first;
    }

    private static boolean passesOn(Throwable failure, Throwable first) {
        Throwable t = failure;
        for (int depth = 0; t != null && depth < MAX_DEPTH; depth++) {
            if (t == first) {
                return true;
            }
            t = t.getCause();
        }
        return false;
    }

    /** What can be thrown for {@code failure} where no checked exception is declared; throws it right away if it is an error. */
    static RuntimeException unchecked(Throwable failure) {
        if (failure instanceof Error error) {
            throw error;
        }
        return failure instanceof RuntimeException itself ? itself : new CompletionException(failure);
    }
}
