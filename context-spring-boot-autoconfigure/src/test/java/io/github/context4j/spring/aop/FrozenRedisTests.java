package io.github.context4j.spring.aop;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.context4j.CancelableContext;
import io.github.context4j.CanceledException;
import io.github.context4j.Context;
import io.github.context4j.DeadlineExceededException;
import io.github.context4j.spring.autoconfigure.ContextAutoConfiguration;
import io.github.context4j.spring.testing.TestRedis;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.StringRedisTemplate;

/** A Redis that takes commands and answers none, behind Spring Data Redis and Lettuce, which know no cancellation. */
@Timeout(120)
class FrozenRedisTests {
    private static final Log logger = LogFactory.getLog(FrozenRedisTests.class);
    private static final int KEYS = 100;
    private static final int CALLS = 10;

    /** Ten times the goal is half a second; shared machines stop for longer at times. */
    private static final Duration CEILING = Duration.ofSeconds(2);

    private @Nullable TestRedis redis;
    private @Nullable LettuceConnectionFactory connections;

    static class Cache {
        private final StringRedisTemplate template;

        Cache(StringRedisTemplate template) {
            this.template = template;
        }

        @Dependency("cache")
        @Nullable
        String get(String key) {
            return template.opsForValue().get(key);
        }
    }

    @BeforeEach
    void start() throws IOException {
        TestRedis started = TestRedis.start();
        redis = started;
        LettuceConnectionFactory factory = new LettuceConnectionFactory("127.0.0.1", started.port());
        factory.afterPropertiesSet();
        factory.start();
        connections = factory;
    }

    @AfterEach
    void close() {
        redis().thaw();
        requireNonNull(connections).destroy();
        redis().close();
        assertThat(Thread.interrupted()).as("interrupted").isFalse();
    }

    private TestRedis redis() {
        return requireNonNull(redis);
    }

    private interface UseOfCache {
        void with(Cache cache) throws Exception;
    }

    private void with(UseOfCache test) {
        with("100ms", test);
    }

    private void with(String timeout, UseOfCache test) {
        StringRedisTemplate template = new StringRedisTemplate(requireNonNull(connections));
        for (int key = 0; key < KEYS; key++) {
            template.opsForValue().set("key-" + key, "value-" + key);
        }
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(ContextAutoConfiguration.class))
                .withPropertyValues(
                        "context.dependencies.cache.timeout=" + timeout, "context.dependencies.cache.interrupt=true")
                .withBean(Cache.class, () -> new Cache(template))
                .run(context -> test.with(context.getBean(Cache.class)));
    }

    /** Reads all keys: no answer may belong to an earlier question. */
    private static void assertThatAnswersFit(Cache cache) {
        for (int key = 0; key < KEYS; key++) {
            assertThat(answer(cache, "key-" + key)).isEqualTo("value-" + key);
        }
    }

    /** The first ones wait for what was asked in vain. */
    private static @Nullable String answer(Cache cache, String key) {
        while (true) {
            try {
                return cache.get(key);
            } catch (DeadlineExceededException stillThawing) {
                assertThat(Thread.interrupted()).isFalse();
            }
        }
    }

    private static long frozenCall(Cache cache, int key) {
        long start = System.nanoTime();
        assertThatThrownBy(() -> cache.get("key-" + key)).isInstanceOf(DeadlineExceededException.class);
        long nanos = System.nanoTime() - start;
        assertThat(Thread.interrupted()).as("interrupted").isFalse();
        return nanos;
    }

    private static void assertThatItIsSoon(List<Long> nanos) {
        nanos.sort(null);
        Duration median = Duration.ofNanos(nanos.get(nanos.size() / 2));
        assertThat(median).isBetween(Duration.ofMillis(90), CEILING);
        logger.info("A time-out of 100 ms, Redis frozen: median " + median.toMillis() + " ms");
    }

    @Test
    void callersComeBackAtTheTimeoutAndTheConnectionIsAsGoodAsBefore() {
        with(cache -> {
            List<Long> nanos = new ArrayList<>();
            for (int round = 0; round < 3; round++) {
                redis().freeze();
                for (int i = 0; i < CALLS; i++) {
                    nanos.add(frozenCall(cache, i));
                }
                redis().thaw();
                assertThatAnswersFit(cache);
            }
            assertThatItIsSoon(nanos);
        });
    }

    @Test
    void callersComeBackWhenTheirClientLeaves() {
        with("30s", cache -> {
            redis().freeze();
            try (CancelableContext request = Context.background().withCancel()) {
                Thread client = new Thread(request::cancel);
                request.run(() -> {
                    client.start();
                    assertThatThrownBy(() -> cache.get("key-1")).isInstanceOf(CanceledException.class);
                });
                client.join();
            }
            redis().thaw();
            assertThatAnswersFit(cache);
        });
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void virtualThreadsComeBackToo() {
        with(cache -> {
            ExecutorService threads = (ExecutorService)
                    Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
            redis().freeze();
            List<Future<Long>> calls = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                int key = i;
                calls.add(threads.submit((Callable<Long>) () -> frozenCall(cache, key)));
            }
            List<Long> nanos = new ArrayList<>();
            for (Future<Long> call : calls) {
                nanos.add(call.get());
            }
            redis().thaw();
            threads.submit(() -> assertThatAnswersFit(cache)).get();
            threads.shutdown();
            assertThatItIsSoon(nanos);
        });
    }
}
