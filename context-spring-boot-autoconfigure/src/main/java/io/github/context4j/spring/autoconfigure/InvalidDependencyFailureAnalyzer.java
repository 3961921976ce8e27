package io.github.context4j.spring.autoconfigure;

import io.github.context4j.spring.aop.InvalidDependencyException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says which {@code @Dependency} is wrong and what to write instead. */
final class InvalidDependencyFailureAnalyzer extends AbstractFailureAnalyzer<InvalidDependencyException> {
    @Override
    protected FailureAnalysis analyze(Throwable root, InvalidDependencyException cause) {
        return new FailureAnalysis(String.valueOf(cause.getMessage()), cause.action(), root);
    }
}
