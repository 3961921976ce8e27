package io.github.context4j.spring.client;

import io.netty.channel.Channel;
import java.io.IOException;
import org.springframework.boot.http.client.ReactorClientHttpRequestFactoryBuilder;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.netty.Connection;
import reactor.netty.http.client.HttpClientRequest;

/**
 * Tells exchanges how to abort what Reactor Netty does for them. The exchange is subscribed to on the thread that sends it,
 * which fails at once when the context ends; the connection, once there is one, is closed as well, since a cancellation that
 * comes between the two would leave it open.
 */
final class ReactorAborts {
    private ReactorAborts() {}

    static ReactorClientHttpRequestFactoryBuilder hook(ReactorClientHttpRequestFactoryBuilder builder) {
        return builder.withHttpClientCustomizer(
                client -> client.mapConnect(ReactorAborts::connect).doOnRequest(ReactorAborts::request));
    }

    private static Mono<? extends Connection> connect(Mono<? extends Connection> exchange) {
        return Mono.defer(() -> {
            ClientCall call = ClientCall.current();
            return call == null ? exchange : abortable(call, exchange);
        });
    }

    private static Mono<? extends Connection> abortable(ClientCall call, Mono<? extends Connection> exchange) {
        Pending pending = new Pending(call);
        call.abortBy(pending::fail);
        return Mono.firstWithSignal(exchange.contextWrite(c -> c.put(Pending.class, pending)), pending.aborted.asMono())
                .doOnNext(response -> pending.delivered = true);
    }

    private static void request(HttpClientRequest request, Connection connection) {
        Pending pending = request.currentContextView().getOrDefault(Pending.class, null);
        if (pending != null) {
            pending.call.abortBy(() -> {
                pending.fail();
                connection.channel().eventLoop().execute(() -> pending.close(connection));
            });
        }
    }

    /** An exchange on its way. */
    private static final class Pending {
        private final ClientCall call;
        private final Sinks.One<Connection> aborted = Sinks.one();

        /** Whether the caller has the response, and with it the duty to release what was received. */
        private volatile boolean delivered;

        Pending(ClientCall call) {
            this.call = call;
        }

        void fail() {
            aborted.tryEmitError(new IOException("The context of the request has ended"));
        }

        /** On the event loop, where nobody can hand the connection to another request meanwhile. */
        void close(Connection connection) {
            Channel channel = connection.channel();
            if (Connection.from(channel) == connection) {
                var unused = channel.close();
                if (!delivered) {
                    connection.inbound().receive().subscribe(bytes -> {}, failure -> {});
                }
            }
        }
    }
}
