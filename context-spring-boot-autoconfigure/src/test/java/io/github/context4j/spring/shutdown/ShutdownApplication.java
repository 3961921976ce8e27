package io.github.context4j.spring.shutdown;

import static java.util.Objects.requireNonNull;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import io.github.context4j.ContextException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.jetty.servlet.JettyServletWebServerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Profile;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** What may be under way when a server stops. Each says when it has begun, and the first two how they ended. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@EnableAsync
@Import({ShutdownApplication.Controller.class, ShutdownApplication.Background.class, ShutdownApplication.State.class})
class ShutdownApplication {

    public static void main(String[] args) {
        SpringApplication.run(ShutdownApplication.class, args);
    }

    @Bean
    @Profile("jetty")
    static JettyServletWebServerFactory jetty() {
        return new JettyServletWebServerFactory();
    }

    @Bean
    static Early early(ObjectProvider<ShutdownContexts> contexts) {
        return new Early(contexts);
    }

    @Bean
    @Profile("worker")
    static Worker worker(ShutdownContexts contexts) {
        return new Worker(contexts);
    }

    /** Works until shutdown begins, or until it is stopped, and is so when its thread has ended. */
    static final class Worker implements SmartLifecycle {
        private final ShutdownContexts contexts;
        private @Nullable CancelableContext own;
        private @Nullable Thread thread;

        Worker(ShutdownContexts contexts) {
            this.contexts = contexts;
        }

        @Override
        @SuppressWarnings("MustBeClosed") // stop() ends it
        public void start() {
            CancelableContext working = contexts.serving().withCancel();
            own = working;
            thread = new Thread(new FutureTask<>(() -> {
                working.awaitDone();
                return null;
            }));
            thread.start();
        }

        @Override
        public void stop() {
            requireNonNull(own, "own").cancel();
            try {
                requireNonNull(thread, "thread").join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            thread = null;
        }

        @Override
        public boolean isRunning() {
            return thread != null;
        }
    }

    /** What the contexts looked like at each start of a bean that starts before the server does. */
    static final class Early implements SmartLifecycle {
        final List<Context.State> seen = new CopyOnWriteArrayList<>();
        private final ObjectProvider<ShutdownContexts> contexts;
        private volatile boolean running;

        Early(ObjectProvider<ShutdownContexts> contexts) {
            this.contexts = contexts;
        }

        @Override
        public void start() {
            seen.add(contexts.getObject().serving().state());
            seen.add(contexts.getObject().grace().state());
            running = true;
        }

        @Override
        public void stop() {
            running = false;
        }

        @Override
        public boolean isRunning() {
            return running;
        }

        @Override
        public int getPhase() {
            return 0;
        }
    }

    static class State {
        final Semaphore begun = new Semaphore(0);
        final CountDownLatch release = new CountDownLatch(1);

        /** How what was under way came to its end: what it threw, and what the database said afterwards. */
        final Map<String, String> ends = new ConcurrentHashMap<>();
    }

    static class Background {
        private final State state;
        private final JdbcTemplate jdbc;

        Background(State state, JdbcTemplate jdbc) {
            this.state = state;
            this.jdbc = jdbc;
        }

        void sleep(String name) {
            state.begun.release();
            try {
                jdbc.queryForList("select pg_sleep(60)");
            } catch (RuntimeException e) {
                ContextException ended = ContextException.in(e);
                List<Integer> one = Context.current()
                        .withoutCancel()
                        .<List<Integer>, RuntimeException>call(() -> jdbc.queryForList("select 1", Integer.class));
                state.ends.put(name, (ended == null ? e : ended).getMessage() + "; " + one);
                throw e;
            }
        }

        @Async
        public void sleepElsewhere() {
            sleep("async");
        }

        @Async
        public void finishElsewhere() throws InterruptedException {
            state.begun.release();
            Context.current().sleep(Duration.ofSeconds(1));
            state.ends.put("async", "finished");
        }
    }

    @RestController
    static class Controller {
        private final State state;
        private final Background background;
        private final JdbcTemplate jdbc;

        Controller(State state, Background background, JdbcTemplate jdbc) {
            this.state = state;
            this.background = background;
            this.jdbc = jdbc;
        }

        @GetMapping("/ping")
        String ping() {
            return "pong";
        }

        @GetMapping("/query")
        void query() {
            background.sleep("query");
        }

        @GetMapping("/sleep")
        void sleep(@RequestParam int seconds) {
            jdbc.queryForList("select pg_sleep(?)", seconds);
        }

        @GetMapping("/async/finishes")
        void asyncFinishes() throws InterruptedException {
            background.finishElsewhere();
        }

        @GetMapping("/async")
        void async() {
            background.sleepElsewhere();
        }

        @GetMapping("/abandoned")
        SseEmitter abandoned(Context context) throws IOException {
            SseEmitter emitter = new SseEmitter(0L);
            emitter.send("first");
            context.onDone(state.begun::release);
            return emitter;
        }

        @GetMapping("/finishes")
        String finishes(Context context) throws InterruptedException {
            state.begun.release();
            context.interruptibly(() -> state.release.await(60, TimeUnit.SECONDS));
            return "finished";
        }

        @GetMapping("/callable")
        Callable<String> callable() {
            return () -> {
                state.begun.release();
                Context.current().awaitDone();
                Context.current().throwIfDone();
                return "not reached";
            };
        }

        @GetMapping("/sse")
        SseEmitter sse() throws IOException {
            SseEmitter emitter = new SseEmitter(0L);
            emitter.send("first");
            state.begun.release();
            return emitter;
        }

        @GetMapping("/ignores")
        void ignores() {
            state.begun.release();
            try {
                Thread.sleep(60_000);
            } catch (InterruptedException e) {
                state.ends.put("ignores", "interrupted");
            }
        }
    }
}
