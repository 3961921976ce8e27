package io.github.context4j.spring.autoconfigure;

import io.github.context4j.spring.Dependencies;
import io.github.context4j.spring.aop.DependencyAnnotationPostProcessor;
import org.springframework.aop.framework.autoproxy.AbstractBeanFactoryAwareAdvisingPostProcessor;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/** Auto-configuration for methods with {@link io.github.context4j.spring.aop.Dependency @Dependency}. */
@AutoConfiguration(after = ContextAutoConfiguration.class)
@ConditionalOnClass(AbstractBeanFactoryAwareAdvisingPostProcessor.class)
@ConditionalOnProperty(name = "context.enabled", matchIfMissing = true)
public final class ContextDependencyAnnotationAutoConfiguration {

    @Bean
    static DependencyAnnotationPostProcessor context4jDependencyAnnotationPostProcessor(
            ObjectProvider<Dependencies> dependencies, Environment environment) {
        boolean proxyTargetClass = environment.getProperty("spring.aop.proxy-target-class", Boolean.class, true);
        return new DependencyAnnotationPostProcessor(dependencies::getObject, proxyTargetClass);
    }
}
