package io.github.context4j.spring.autoconfigure;

import io.github.context4j.spring.web.InvalidContextTimeoutException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says which {@code @ContextTimeout} is wrong and what to write instead. */
final class InvalidContextTimeoutFailureAnalyzer extends AbstractFailureAnalyzer<InvalidContextTimeoutException> {
    @Override
    protected FailureAnalysis analyze(Throwable root, InvalidContextTimeoutException cause) {
        return new FailureAnalysis(
                String.valueOf(cause.getMessage()),
                "Write a duration such as @ContextTimeout(\"5m\"), or @ContextTimeout(\"none\").",
                root);
    }
}
