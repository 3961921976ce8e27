package io.github.context4j.spring.client;

import io.github.context4j.CancelableContext;
import io.github.context4j.CanceledException;
import io.github.context4j.Context;
import io.github.context4j.spring.Mode;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.util.ClassUtils;
import org.springframework.web.client.RestClient;

/** Cancels a call of each client that is on the class path; run by name, in a class loader of its own. */
public final class CallsWithAllClients implements Callable<Integer> {
    public CallsWithAllClients() {}

    /** How many clients there are. */
    @Override
    public Integer call() throws Exception {
        int obeying = 0;
        try (HttpFixture http = new HttpFixture(Mode.ENFORCE)) {
            http.clients.wrap(ClientHttpRequestFactoryBuilder.detect()).build();
            for (HttpKind kind : HttpKind.values()) {
                if (isPresent(kind)) {
                    http.factory(kind);
                    obeying += kind == HttpKind.SIMPLE || obeys(http, kind) ? 1 : 0;
                }
            }
        }
        return obeying;
    }

    private static boolean isPresent(HttpKind kind) {
        String client =
                switch (kind) {
                    case HTTP_COMPONENTS -> "org.apache.hc.client5.http.classic.HttpClient";
                    case JETTY -> "org.eclipse.jetty.client.HttpClient";
                    case REACTOR -> "reactor.netty.http.client.HttpClient";
                    case JDK, SIMPLE -> "java.net.http.HttpClient";
                };
        return ClassUtils.isPresent(client, CallsWithAllClients.class.getClassLoader());
    }

    private static boolean obeys(HttpFixture http, HttpKind kind) throws Exception {
        RestClient client = http.client(kind);
        String path = "/headers/" + kind;
        try (CancelableContext context = Context.background().withCancel()) {
            FutureTask<Boolean> caller = Threads.PLATFORM.start(() -> isCanceled(http, client, context, path));
            http.server.awaitRequest(path);
            context.cancel();
            return caller.get(5, TimeUnit.SECONDS);
        }
    }

    private static boolean isCanceled(HttpFixture http, RestClient client, Context context, String path) {
        try {
            context.run(() ->
                    client.get().uri(http.server.uri("http", path)).retrieve().toBodilessEntity());
            return false;
        } catch (CanceledException e) {
            return true;
        }
    }
}
