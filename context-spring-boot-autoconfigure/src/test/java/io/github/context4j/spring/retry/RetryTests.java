package io.github.context4j.spring.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.context4j.CancelableContext;
import io.github.context4j.CanceledException;
import io.github.context4j.Context;
import io.github.context4j.DeadlineExceededException;
import io.github.context4j.spring.Dependencies;
import io.github.context4j.spring.NamedDependency;
import io.github.context4j.spring.autoconfigure.ContextAutoConfiguration;
import io.github.context4j.spring.autoconfigure.ContextTaskAutoConfiguration;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.framework.AopContext;
import org.springframework.aop.support.AopUtils;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.retry.RetryException;
import org.springframework.core.retry.RetryPolicy;
import org.springframework.core.retry.RetryTemplate;
import org.springframework.resilience.annotation.EnableResilientMethods;
import org.springframework.resilience.annotation.RetryAnnotationBeanPostProcessor;
import org.springframework.resilience.annotation.Retryable;

/** Both kinds of Spring's retries: a template, and the annotation. */
@Timeout(60)
class RetryTests {
    private static final int RETRIES = 3;
    private static final int SHORT = 1;
    private static final int LONG = 30_000;

    private final AtomicInteger attempts = new AtomicInteger();
    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(
                    AutoConfigurations.of(ContextAutoConfiguration.class, ContextTaskAutoConfiguration.class))
            .withUserConfiguration(Retries.class)
            .withPropertyValues(
                    "context.dependencies.queue.timeout=300ms", "context.dependencies.queue.interrupt=true");

    @Configuration(proxyBeanMethods = false)
    @EnableResilientMethods
    static class Retries {
        @Bean
        Methods methods() {
            return new Methods();
        }

        @Bean
        RetryTemplate soon() {
            return new RetryTemplate(policy(SHORT));
        }

        @Bean
        RetryTemplate late() {
            return new RetryTemplate(policy(LONG));
        }

        private static RetryPolicy policy(int millis) {
            return RetryPolicy.builder()
                    .maxRetries(RETRIES)
                    .delay(Duration.ofMillis(millis))
                    .build();
        }
    }

    static class Methods {
        @Retryable(maxRetries = RETRIES, delay = SHORT)
        <T> T soon(Callable<T> attempt) throws Exception {
            return attempt.call();
        }

        @Retryable(maxRetries = RETRIES, delay = LONG)
        <T> T late(Callable<T> attempt) throws Exception {
            return attempt.call();
        }

        @Retryable(maxRetries = RETRIES, delay = SHORT)
        @io.github.context4j.spring.aop.Dependency("queue")
        String take(AtomicInteger attempts) throws InterruptedException {
            attempts.incrementAndGet();
            return new LinkedBlockingQueue<String>().take();
        }
    }

    private interface Subject {
        Object call(Callable<?> attempt) throws Exception;
    }

    private interface Use {
        void of(Subject soon, Subject late) throws Exception;
    }

    enum Kind {
        TEMPLATE,
        ANNOTATION
    }

    private void with(Kind kind, Use use) {
        runner.run(context -> {
            if (kind == Kind.TEMPLATE) {
                RetryTemplate soon = context.getBean("soon", RetryTemplate.class);
                RetryTemplate late = context.getBean("late", RetryTemplate.class);
                use.of(attempt -> execute(soon, attempt), attempt -> execute(late, attempt));
            } else {
                Methods methods = context.getBean(Methods.class);
                use.of(methods::soon, methods::late);
            }
        });
    }

    private static Object execute(RetryTemplate template, Callable<?> attempt) throws Exception {
        try {
            return template.<Object>execute(attempt::call);
        } catch (RetryException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    private Callable<?> failing(Exception failure) {
        return () -> {
            attempts.incrementAndGet();
            throw failure;
        };
    }

    @AfterEach
    void nothingIsLeftOnTheThread() {
        assertThat(Thread.interrupted()).as("interrupted").isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void goesOnAsWithoutTheLibraryWhileTheContextIsActive(Kind kind) {
        with(kind, (soon, late) -> {
            try (CancelableContext ctx = Context.background().withTimeout(Duration.ofMinutes(1))) {
                assertThatThrownBy(() -> ctx.call(() -> soon.call(failing(new IOException("away")))))
                        .isInstanceOf(IOException.class);
            }
            assertThat(attempts).hasValue(1 + RETRIES);
            assertThatThrownBy(() -> soon.call(failing(new IOException("away"))))
                    .isInstanceOf(IOException.class);
            assertThat(attempts).hasValue(2 * (1 + RETRIES));
        });
    }

    @ParameterizedTest
    @EnumSource
    void stopsWhenTheContextIsDone(Kind kind) {
        with(kind, (soon, late) -> {
            try (CancelableContext ctx = Context.background().withCancel()) {
                assertThatThrownBy(() -> ctx.call(() -> soon.call(() -> {
                            attempts.incrementAndGet();
                            ctx.cancel();
                            throw ctx.exception();
                        })))
                        .isInstanceOf(CanceledException.class);
            }
            assertThat(attempts).hasValue(1);
        });
    }

    @ParameterizedTest
    @EnumSource
    void aWaitBetweenAttemptsEndsWithTheContext(Kind kind) {
        with(kind, (soon, late) -> {
            CountDownLatch failed = new CountDownLatch(1);
            try (CancelableContext ctx = Context.background().withCancel()) {
                Thread client = new Thread(() -> {
                    try {
                        assertThat(failed.await(30, TimeUnit.SECONDS)).isTrue();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    ctx.cancel();
                });
                client.start();
                long start = System.nanoTime();
                assertThatThrownBy(() -> ctx.call(() -> late.call(() -> {
                            attempts.incrementAndGet();
                            failed.countDown();
                            throw new IOException("away");
                        })))
                        .isInstanceOfAny(CanceledException.class, IOException.class);
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(LONG / 2));
                client.join();
            }
            assertThat(attempts).hasValue(1);
        });
    }

    @ParameterizedTest
    @EnumSource
    void neverWaitsPastTheDeadline(Kind kind) {
        with(kind, (soon, late) -> {
            long start = System.nanoTime();
            try (CancelableContext ctx = Context.background().withTimeout(Duration.ofMillis(100))) {
                assertThatThrownBy(() -> ctx.call(() -> late.call(failing(new IOException("away")))))
                        .isInstanceOfAny(IOException.class, DeadlineExceededException.class);
            }
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
            assertThat(attempts).hasValue(1);
        });
    }

    /** The interrupt is for the wait between attempts. */
    @Test
    void anAttemptIsNotInterrupted() {
        with(Kind.ANNOTATION, (soon, late) -> {
            try (CancelableContext ctx = Context.background().withCancel()) {
                Object result = ctx.call(() -> soon.call(() -> {
                    ctx.cancel();
                    return Thread.currentThread().isInterrupted();
                }));
                assertThat(result).isEqualTo(false);
            }
        });
    }

    /** What the application has asked for outside of the retries is another interrupt than that of their waits. */
    @Test
    void anAttemptIsInterruptedWhereTheCallAroundTheRetriesIs() {
        runner.run(context -> {
            Methods methods = context.getBean(Methods.class);
            NamedDependency queue = context.getBean(Dependencies.class).named("queue");
            assertThatThrownBy(() -> queue.call(() -> methods.late(() -> {
                        attempts.incrementAndGet();
                        return new LinkedBlockingQueue<String>().poll(LONG, TimeUnit.MILLISECONDS);
                    })))
                    .isInstanceOf(DeadlineExceededException.class);
        });
        assertThat(attempts).hasValue(1);
    }

    /** What the wait was interrupted with is nobody's business. */
    @Test
    void whatEndsTheWaitsDoesNotComeOut() {
        with(Kind.ANNOTATION, (soon, late) -> {
            IOException failure = new IOException("away", new InterruptedException("of somebody else's"));
            try (CancelableContext ctx = Context.background().withCancel()) {
                assertThatThrownBy(() -> ctx.call(() -> soon.call(() -> {
                            attempts.incrementAndGet();
                            ctx.cancel(new IllegalStateException("client left"));
                            throw failure;
                        })))
                        .isSameAs(failure);
            }
            assertThat(attempts).hasValue(1);
        });
    }

    @ParameterizedTest
    @EnumSource
    void thereIsOneAttemptUnderAContextThatIsDone(Kind kind) {
        with(kind, (soon, late) -> {
            try (CancelableContext ctx = Context.background().withCancel()) {
                ctx.cancel();
                assertThat(ctx.call(() -> soon.call(() -> "value"))).isEqualTo("value");
                assertThatThrownBy(() -> ctx.call(() -> soon.call(failing(new IOException("away")))))
                        .isInstanceOfAny(IOException.class, CanceledException.class);
            }
            assertThat(attempts).hasValue(1);
        });
    }

    @Test
    void aDependencysOwnTimeoutIsRetriedAndEachAttemptHasItsOwn() {
        runner.run(context -> {
            Methods methods = context.getBean(Methods.class);
            try (CancelableContext ctx = Context.background().withTimeout(Duration.ofMinutes(1))) {
                assertThatThrownBy(() -> ctx.call(() -> methods.take(attempts)))
                        .isInstanceOf(DeadlineExceededException.class);
            }
            assertThat(attempts).hasValue(1 + RETRIES);
        });
    }

    @Test
    void aTemplateRetriesADependencysOwnTimeoutButNoCancellation() {
        with(Kind.TEMPLATE, (soon, late) -> {
            try (CancelableContext ctx = Context.background().withTimeout(Duration.ofMinutes(1))) {
                assertThatThrownBy(() -> ctx.call(() -> soon.call(() -> {
                            attempts.incrementAndGet();
                            return ctx.callWithin(Duration.ZERO, () -> {
                                Context.current().throwIfDone();
                                return "";
                            });
                        })))
                        .isInstanceOf(DeadlineExceededException.class);
                assertThat(attempts).hasValue(1 + RETRIES);

                attempts.set(0);
                try (CancelableContext part = ctx.withCancel()) {
                    part.cancel();
                    assertThatThrownBy(() -> ctx.call(
                                    () -> soon.call(failing(new IllegalStateException("in a part", part.exception())))))
                            .isInstanceOf(IllegalStateException.class);
                }
                assertThat(attempts).hasValue(1);
            }
        });
    }

    /** The template says by itself that the wait would be too long; one that ends with its time-out is of no use either. */
    @Test
    void aTemplateDoesNotWaitWhereItsOwnTimeoutIsOverThen() throws Exception {
        RetryPolicy policy = RetryPolicy.builder()
                .maxRetries(RETRIES)
                .delay(Duration.ofMillis(LONG))
                .timeout(Duration.ofMillis(LONG))
                .build();
        RetryTemplate template = new RetryTemplate(ContextRetryPolicy.wrap(policy));
        long start = System.nanoTime();
        try (CancelableContext ctx = Context.background().withTimeout(Duration.ofMinutes(10))) {
            assertThatThrownBy(() -> ctx.call(() -> template.execute(
                            () -> failing(new IOException("away")).call())))
                    .isInstanceOf(RetryException.class);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(LONG / 2));
        assertThat(attempts).hasValue(1);
    }

    interface Remote {
        String call();
    }

    static class RemoteBean implements Remote {
        @Override
        @Retryable(maxRetries = RETRIES, delay = SHORT)
        public String call() {
            return Context.current().isDone()
                    ? "done"
                    : ((Remote) AopContext.currentProxy()).getClass().getName();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class ByInterface {
        @Bean
        RemoteBean remote() {
            return new RemoteBean();
        }

        @Bean
        static RetryAnnotationBeanPostProcessor springs() {
            RetryAnnotationBeanPostProcessor springs = new RetryAnnotationBeanPostProcessor();
            springs.setExposeProxy(true);
            springs.setOrder(5);
            return springs;
        }
    }

    @Test
    void aBeanGetsTheKindOfProxyThatSpringGivesIt() {
        new ApplicationContextRunner()
                .withConfiguration(
                        AutoConfigurations.of(ContextAutoConfiguration.class, ContextTaskAutoConfiguration.class))
                .withUserConfiguration(ByInterface.class)
                .run(context -> {
                    Remote remote = context.getBean(Remote.class);
                    assertThat(AopUtils.isJdkDynamicProxy(remote)).isTrue();
                    assertThat(remote.call()).isEqualTo(remote.getClass().getName());
                    assertThat(Arrays.stream(((Advised) remote).getAdvisors())
                                    .map(advisor ->
                                            advisor.getAdvice().getClass().getSimpleName()))
                            .containsExactly("RetryableBackOff", "RetryAnnotationInterceptor", "RetryableAttempt");
                });
    }

    @Test
    void isNotThereWhenDisabled() {
        runner.withPropertyValues("context.enabled=false").run(context -> {
            assertThat(context).doesNotHaveBean(RetryTemplatePostProcessor.class);
            assertThat(context).doesNotHaveBean(RetryablePostProcessor.class);
            assertThat(context.getBean("soon", RetryTemplate.class).getRetryPolicy())
                    .isNotInstanceOf(ContextRetryPolicy.class);
        });
    }
}
