package io.github.context4j.spring.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.context4j.spring.CanceledByOperatorException;
import io.github.context4j.spring.LiveContext;
import io.github.context4j.spring.LiveContexts;
import io.github.context4j.spring.testing.TestServer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** Clients leave, and operators cancel, while the application writes: each request is over once. */
@Timeout(240)
class FailedWriteRaceTests {
    private static final int REQUESTS = Boolean.getBoolean("context4j.stress") ? 3_000 : 200;
    private static final int STEPS = 60;
    private static final Duration STEP = Duration.ofNanos(5_000);

    @ParameterizedTest
    @ValueSource(strings = {"/written", "/emitted"})
    void eachRequestIsOverOnce(String path) throws Exception {
        try (TestServer server = TestServer.start(App.class, "server.shutdown=immediate")) {
            for (int i = 0; i < REQUESTS; i++) {
                leaveAndCancel(server, path, Integer.toString(i), STEP.multipliedBy(i % STEPS));
            }
            CutOffTests.App seen = server.bean(CutOffTests.App.class);
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(seen.logged).hasSize(REQUESTS));
            assertThat(server.bean(App.class).howOftenCompleted()).isEqualTo(Map.of(1, REQUESTS));
            assertThat(seen.stopped).as("observations").hasValue(REQUESTS);
            assertThat(server.bean(LiveContexts.class).all()).isEmpty();
            assertThat(server.bean(MeterRegistry.class).get("http.server.requests").timers().stream()
                            .mapToLong(Timer::count)
                            .sum())
                    .isEqualTo(REQUESTS);
        }
    }

    private static void leaveAndCancel(TestServer server, String path, String id, Duration between) throws Exception {
        try (Socket socket = server.open("GET", path + "?id=" + id)) {
            socket.setSoTimeout(20_000);
            socket.setSoLinger(true, 0); // a reset, so that the next write fails
            assertThat(socket.getInputStream().readNBytes(200)).hasSize(200);
            LiveContext begun = server.bean(LiveContexts.class).all().stream()
                    .max(Comparator.comparing(LiveContext::id))
                    .orElseThrow();
            Thread operator = new Thread(() -> begun.cancel(new CanceledByOperatorException()));
            long from = System.nanoTime();
            socket.close();
            while (System.nanoTime() - from < between.toNanos()) {
                Thread.onSpinWait();
            }
            operator.start();
            operator.join();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @Import(CutOffTests.App.class)
    @RestController
    static class App {
        private final Map<String, AtomicInteger> completed = new ConcurrentHashMap<>();

        /** How many requests were completed how often. */
        Map<Integer, Integer> howOftenCompleted() {
            Map<Integer, Integer> requests = new TreeMap<>();
            completed.values().forEach(times -> requests.merge(times.get(), 1, Integer::sum));
            return requests;
        }

        void awaitAsync(String id) {
            await().pollInterval(Duration.ofMillis(1)).until(() -> completed.containsKey(id));
        }

        @Bean
        FilterRegistrationBean<Filter> counting() {
            FilterRegistrationBean<Filter> filter = new FilterRegistrationBean<>((request, response, chain) -> {
                chain.doFilter(request, response);
                AtomicInteger times = new AtomicInteger();
                request.getAsyncContext().addListener(new CountingListener(times));
                completed.put(request.getParameter("id"), times);
            });
            filter.setDispatcherTypes(DispatcherType.REQUEST);
            filter.setAsyncSupported(true);
            return filter;
        }

        @GetMapping("/written")
        DeferredResult<String> written(@RequestParam String id, HttpServletResponse response) {
            write(id, () -> {
                response.getOutputStream().write(new byte[100]);
                response.flushBuffer();
            });
            return new DeferredResult<>(60_000L);
        }

        @GetMapping(path = "/emitted", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
        SseEmitter emitted(@RequestParam String id) {
            SseEmitter emitter = new SseEmitter(60_000L);
            write(id, () -> emitter.send("part"));
            return emitter;
        }

        /**
         * Writes, on a thread of the application's, until that fails. Not before the request is asynchronous: until then Spring
         * does not keep a write from going on when the request is over, and its response another one's.
         */
        private void write(String id, Write write) {
            Thread writer = new Thread(() -> {
                awaitAsync(id);
                assertThatThrownBy(() -> {
                            for (; ; ) {
                                write.next();
                            }
                        })
                        .isInstanceOfAny(IOException.class, IllegalStateException.class);
            });
            writer.setDaemon(true);
            writer.start();
        }

        /** What writes one part. */
        private interface Write {
            void next() throws IOException;
        }
    }
}
