package io.github.context4j.spring.autoconfigure;

import io.github.context4j.UnclosedContexts;

/** Remembers where some contexts were derived, for as long as the application runs; one setting for the whole process. */
final class UnclosedSampling implements AutoCloseable {
    UnclosedSampling(int every) {
        UnclosedContexts.sample(every);
    }

    @Override
    public void close() {
        UnclosedContexts.sample(0);
    }
}
