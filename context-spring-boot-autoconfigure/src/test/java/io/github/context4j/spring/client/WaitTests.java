package io.github.context4j.spring.client;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.github.context4j.CancelableContext;
import io.github.context4j.CanceledException;
import io.github.context4j.Context;
import io.github.context4j.spring.Mode;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.resolver.InetSocketAddressResolver;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.web.client.RestClient;
import reactor.netty.resources.ConnectionProvider;

/** Requests that wait before they have a connection: for a lease of the pool, for the address of a name. */
@Timeout(60)
class WaitTests {
    private final HttpFixture http = new HttpFixture(Mode.ENFORCE);
    private @Nullable ClientHttpRequestFactory factory;

    @AfterEach
    void close() throws Exception {
        if (factory instanceof DisposableBean disposable) {
            disposable.destroy();
        }
        http.close();
    }

    private RestClient client(ClientHttpRequestFactoryBuilder<?> builder) {
        ClientHttpRequestFactory built = http.clients.wrap(builder).build();
        factory = built;
        return RestClient.builder().requestFactory(built).build();
    }

    private static ClientHttpRequestFactoryBuilder<?> ofOneConnection(HttpKind kind) {
        return switch (kind) {
            case HTTP_COMPONENTS ->
                ClientHttpRequestFactoryBuilder.httpComponents()
                        .withConnectionManagerCustomizer(
                                pool -> pool.setMaxConnPerRoute(1).setMaxConnTotal(1));
            case JETTY ->
                ClientHttpRequestFactoryBuilder.jetty()
                        .withHttpClientCustomizer(client -> client.setMaxConnectionsPerDestination(1));
            case REACTOR ->
                ClientHttpRequestFactoryBuilder.reactor()
                        .withHttpClientFactory(
                                () -> reactor.netty.http.client.HttpClient.create(ConnectionProvider.create("one", 1)));
            default -> throw new IllegalArgumentException("no limit: " + kind);
        };
    }

    /** The one lease is taken; who waits for it leaves, and when it comes back it is whole and goes to the next. */
    @ParameterizedTest
    @EnumSource(names = {"HTTP_COMPONENTS", "JETTY", "REACTOR"})
    void whoeverWaitsForTheOnlyLeaseLeavesWithoutIt(HttpKind kind) throws Exception {
        RestClient client = client(ofOneConnection(kind));
        FutureTask<Object> holder = Threads.PLATFORM.start(() -> get(client, "/race/holder"));
        http.server.awaitRequest("/race/holder");
        try (CancelableContext context = Context.background().withCancel()) {
            FutureTask<Object> waiting =
                    Threads.PLATFORM.start(() -> context.call(() -> get(client, "/whole/waiting")));
            await().until(() -> http.calls.inFlight().size() == 1);
            context.cancel();
            assertThat(waiting.get(5, TimeUnit.SECONDS)).isInstanceOf(CanceledException.class);
        }
        http.server.lastByte("/race/holder").countDown();
        assertThat(holder.get(5, TimeUnit.SECONDS)).isEqualTo("hello");

        FutureTask<Object> next = Threads.PLATFORM.start(() -> get(client, "/whole/next"));
        assertThat(next.get(5, TimeUnit.SECONDS)).isEqualTo("hello");
        assertThat(http.server.requests("/whole/waiting")).isZero();
        assertThat(http.ended).containsExactly("http GET canceled");
    }

    /** What was aborted with the lease in hand has given it back. */
    @ParameterizedTest
    @EnumSource(names = {"HTTP_COMPONENTS", "JETTY", "REACTOR"})
    void theOnlyLeaseComesBackFromWhatIsAborted(HttpKind kind) throws Exception {
        RestClient client = client(ofOneConnection(kind));
        for (String stalled : new String[] {"/headers/1", "/body/2", "/chunked/3"}) {
            try (CancelableContext context = Context.background().withCancel()) {
                FutureTask<Object> caller = Threads.PLATFORM.start(() -> context.call(() -> get(client, stalled)));
                http.server.awaitRequest(stalled);
                context.cancel();
                assertThat(caller.get(5, TimeUnit.SECONDS)).isInstanceOf(CanceledException.class);
            }
            FutureTask<Object> next = Threads.PLATFORM.start(() -> get(client, "/whole/after" + stalled));
            assertThat(next.get(5, TimeUnit.SECONDS)).as("after %s", stalled).isEqualTo("hello");
        }
    }

    @Test
    void jettyLeavesANameLookUp() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        RestClient client = client(ClientHttpRequestFactoryBuilder.jetty()
                .withSocketAddressResolver((host, port, context, promise) -> asked.countDown()));
        assertLeavesTheLookUp(client, asked);
    }

    @Test
    void reactorLeavesANameLookUp() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        try (Unanswered names = new Unanswered(asked)) {
            RestClient client = client(
                    ClientHttpRequestFactoryBuilder.reactor().withHttpClientCustomizer(netty -> netty.resolver(names)));
            assertLeavesTheLookUp(client, asked);
        }
    }

    /** Looks up names for ever. */
    private static final class Unanswered extends AddressResolverGroup<InetSocketAddress> {
        private final CountDownLatch asked;

        Unanswered(CountDownLatch asked) {
            this.asked = asked;
        }

        @Override
        protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
            return new InetSocketAddressResolver(executor, new InetNameResolver(executor) {
                @Override
                protected void doResolve(String host, Promise<InetAddress> promise) {
                    asked.countDown();
                }

                @Override
                protected void doResolveAll(String host, Promise<List<InetAddress>> promise) {
                    asked.countDown();
                }
            });
        }
    }

    private void assertLeavesTheLookUp(RestClient client, CountDownLatch asked) throws Exception {
        try (CancelableContext context = Context.background().withCancel()) {
            FutureTask<Object> caller =
                    Threads.PLATFORM.start(() -> context.call(() -> getFrom(client, "http://nowhere.example.org:1/")));
            assertThat(asked.await(20, TimeUnit.SECONDS)).as("asked").isTrue();
            context.cancel();
            assertThat(caller.get(5, TimeUnit.SECONDS)).isInstanceOf(CanceledException.class);
        }
        assertThat(http.ended).containsExactly("http GET canceled");
    }

    /** HttpComponents looks names up on the caller's thread, and nothing ends that; but nothing is sent afterwards. */
    @Test
    void httpComponentsSendsNothingWhenTheNameIsKnownTooLate() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch known = new CountDownLatch(1);
        AtomicReference<@Nullable HttpUriRequestBase> sent = new AtomicReference<>();
        RestClient client = client(ClientHttpRequestFactoryBuilder.httpComponents()
                .withHttpClientCustomizer(hc -> hc.addExecInterceptorFirst("seen", (request, scope, chain) -> {
                    sent.set((HttpUriRequestBase) scope.originalRequest);
                    return chain.proceed(request, scope);
                }))
                .withDnsResolver(new SystemDefaultDnsResolver() {
                    @Override
                    public InetAddress[] resolve(String host) {
                        asked.countDown();
                        try {
                            known.await();
                        } catch (InterruptedException e) {
                            throw new IllegalStateException(e);
                        }
                        return new InetAddress[] {InetAddress.getLoopbackAddress()};
                    }
                }));
        try (CancelableContext context = Context.background().withCancel()) {
            String uri =
                    "http://late.example.org:" + http.server.uri("http", "/").getPort() + "/whole/late";
            FutureTask<Object> caller = Threads.PLATFORM.start(() -> context.call(() -> getFrom(client, uri)));
            assertThat(asked.await(20, TimeUnit.SECONDS)).as("asked").isTrue();
            context.cancel();
            await().until(() -> requireNonNull(sent.get()).isCancelled());
            known.countDown();
            assertThat(caller.get(5, TimeUnit.SECONDS)).isInstanceOf(CanceledException.class);
        }
        assertThat(http.server.requests("/whole/late")).isZero();
    }

    /** An interrupt that a region further out is owed waits until the client has returned: it would cost the connection. */
    @ParameterizedTest
    @EnumSource(names = {"HTTP_COMPONENTS", "JETTY", "REACTOR", "JDK"})
    void anInterruptOfARegionFurtherOutDoesNotReachTheClient(HttpKind kind) throws Exception {
        RestClient client = http.client(kind);
        try (CancelableContext outer = Context.background().withCancel();
                CancelableContext inner = Context.background().withCancel()) {
            FutureTask<Object> caller = Threads.PLATFORM.start(
                    () -> outer.interruptibly(() -> inner.call(() -> get(client, "/race/masked"))));
            http.server.awaitRequest("/race/masked");
            outer.cancel();
            await().during(java.time.Duration.ofMillis(100)).until(() -> !caller.isDone());
            http.server.lastByte("/race/masked").countDown();
            assertThat(caller.get(5, TimeUnit.SECONDS)).isEqualTo("hello");
        }
        assertThat(http.ended).containsExactly("http GET completed");
    }

    private Object get(RestClient client, String path) {
        return getFrom(client, http.server.uri("http", path).toString());
    }

    /** What came, or what was thrown. */
    private static Object getFrom(RestClient client, String uri) {
        String[] body = new String[1];
        @Nullable
        Throwable failure = catchThrowable(
                () -> body[0] = client.get().uri(URI.create(uri)).retrieve().body(String.class));
        return failure != null ? failure : body[0];
    }
}
