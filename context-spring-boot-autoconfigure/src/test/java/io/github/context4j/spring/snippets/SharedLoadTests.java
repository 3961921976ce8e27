package io.github.context4j.spring.snippets;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.cache.concurrent.ConcurrentMapCacheManager;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** A value that several requests wait for, while one of them loads it: it is not to die with that one. */
@Timeout(60)
class SharedLoadTests {
    interface Rates {
        String load(String currency);
    }

    private record Cached(Cache<String, String> cache, Rates rates) {
        // @start region="shared load"
        String rate(String currency) {
            return cache.get(
                    currency, key -> Context.current().withoutCancel().callWithin(ofSeconds(5), () -> rates.load(key)));
        }
        // @end
    }

    static class Annotated {
        private final Rates rates;

        Annotated(Rates rates) {
            this.rates = rates;
        }

        // @start region="cacheable"
        @Cacheable(cacheNames = "rates", sync = true)
        public String rate(String currency) {
            return Context.current().withoutCancel().callWithin(ofSeconds(5), () -> rates.load(currency));
        }
        // @end
    }

    @Configuration(proxyBeanMethods = false)
    @EnableCaching
    @Import(Annotated.class)
    static class App {
        @Bean
        CacheManager caches() {
            return new ConcurrentMapCacheManager("rates");
        }
    }

    /** Begins to load for one request, which leaves meanwhile, while another waits for the same. */
    private static final class SlowRates implements Rates {
        final CountDownLatch begun = new CountDownLatch(1);
        final CountDownLatch left = new CountDownLatch(1);
        final AtomicInteger loads = new AtomicInteger();

        @Override
        public String load(String currency) {
            loads.incrementAndGet();
            begun.countDown();
            try {
                assertThat(left.await(20, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            Context.current().throwIfDone(); // as a query does
            return "1.08 " + (Context.current().deadline() != null);
        }
    }

    private interface Lookup {
        String rate(String currency);
    }

    private static void survivesItsFirstCaller(Lookup cached, SlowRates rates) throws Exception {
        try (CancelableContext first = Context.background().withTimeout(ofSeconds(60));
                CancelableContext second = Context.background().withCancel()) {
            CompletableFuture<String> loading =
                    CompletableFuture.supplyAsync(first.wrapSupplier(() -> cached.rate("EUR")));
            assertThat(rates.begun.await(20, TimeUnit.SECONDS)).isTrue();
            CompletableFuture<String> waiting =
                    CompletableFuture.supplyAsync(second.wrapSupplier(() -> cached.rate("EUR")));
            first.cancel();
            rates.left.countDown();

            assertThat(waiting.get(20, TimeUnit.SECONDS)).isEqualTo("1.08 true");
            assertThat(loading.get(20, TimeUnit.SECONDS)).isEqualTo("1.08 true");
            assertThat(rates.loads).hasValue(1);
        }
    }

    @Test
    void theLoaderOfACaffeineCache() throws Exception {
        SlowRates rates = new SlowRates();
        Cached cached = new Cached(Caffeine.newBuilder().build(), rates);
        survivesItsFirstCaller(cached::rate, rates);
    }

    @Test
    void aCacheableMethod() {
        SlowRates rates = new SlowRates();
        new ApplicationContextRunner()
                .withBean(Rates.class, () -> rates)
                .withUserConfiguration(App.class)
                .run(context -> survivesItsFirstCaller(context.getBean(Annotated.class)::rate, rates));
    }
}
