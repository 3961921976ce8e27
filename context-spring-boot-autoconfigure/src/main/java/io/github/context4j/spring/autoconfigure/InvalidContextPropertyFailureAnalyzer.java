package io.github.context4j.spring.autoconfigure;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;

/** Says which {@code context.*} property is wrong and what to write instead. */
final class InvalidContextPropertyFailureAnalyzer extends AbstractFailureAnalyzer<InvalidContextPropertyException>
        implements Ordered {
    @Override
    protected FailureAnalysis analyze(Throwable root, InvalidContextPropertyException cause) {
        return new FailureAnalysis(String.valueOf(cause.getMessage()), cause.action(), root);
    }

    /** Before the analyzer of the binder, which would show what the binder was doing instead. */
    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE;
    }
}
