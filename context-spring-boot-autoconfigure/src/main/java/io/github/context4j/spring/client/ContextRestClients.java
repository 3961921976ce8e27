package io.github.context4j.spring.client;

import static java.util.Objects.requireNonNull;

import io.github.context4j.spring.Dependency;
import io.github.context4j.spring.DependencyCall;
import io.github.context4j.spring.DependencyCalls;
import io.github.context4j.spring.PropagatedValues;
import java.io.IOException;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.JettyClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.ReactorClientHttpRequestFactoryBuilder;
import org.springframework.http.HttpHeaders;
import org.springframework.http.client.ClientHttpRequest;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.HttpComponentsClientHttpRequestFactory;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.http.client.JettyClientHttpRequestFactory;
import org.springframework.web.client.RestClient;

/**
 * Makes HTTP clients obey the current context. All that are built with Spring Boot's builders do so already; this is for what
 * they do not reach: request factories of the application's own, and the name of the dependency. Thread-safe.
 */
public final class ContextRestClients {
    /**
     * The request attribute that names the dependency which a call belongs to. {@link #dependency} sets it; where there are
     * only a {@code RestTemplate} and its request initializers, those can.
     */
    public static final String DEPENDENCY_ATTRIBUTE = ContextRestClients.class.getName() + ".DEPENDENCY";

    /** The request attribute that says which HTTP service group a call belongs to. */
    public static final String GROUP_ATTRIBUTE = ContextRestClients.class.getName() + ".GROUP";

    private final @Nullable DependencyCalls calls;
    private final @Nullable HttpDependencies dependencies;
    private final @Nullable PropagatedValues values;
    private final @Nullable OutboundRequestId requestId;

    /**
     * @param values what dependencies are told that want it
     * @param requestId the id that dependencies are told that want it, null if requests have none
     */
    public ContextRestClients(
            DependencyCalls calls,
            HttpDependencies dependencies,
            PropagatedValues values,
            @Nullable OutboundRequestId requestId) {
        this.calls = requireNonNull(calls, "calls");
        this.dependencies = requireNonNull(dependencies, "dependencies");
        this.values = requireNonNull(values, "values");
        this.requestId = requestId;
    }

    private ContextRestClients() {
        calls = null;
        dependencies = null;
        values = null;
        requestId = null;
    }

    /** What applications get where the library is switched off: it leaves everything as it is. */
    public static ContextRestClients switchedOff() {
        return new ContextRestClients();
    }

    /**
     * Says that the calls of a client belong to the dependency of that name, whatever their hosts and its group are:
     * {@code builder.apply(dependency("llm"))}.
     */
    public static Consumer<RestClient.Builder> dependency(String name) {
        requireNonNull(name, "name");
        return builder -> builder.defaultRequest(request -> request.attribute(DEPENDENCY_ATTRIBUTE, name));
    }

    /**
     * A factory whose requests obey the context that is current when they are executed. One that is wrapped already is
     * returned as it is.
     *
     * @param factory is used as it is, but that one for HttpComponents gets an {@code HttpClient} that can be canceled
     */
    public ClientHttpRequestFactory wrap(ClientHttpRequestFactory factory) {
        requireNonNull(factory, "factory");
        if (calls == null || factory instanceof GuardedRequestFactory) {
            return factory;
        }
        return new GuardedRequestFactory(factory, means(factory), this);
    }

    /** The classes of Spring and Boot are there even where the client that they are for is not. */
    private static Means means(ClientHttpRequestFactory factory) {
        if (factory instanceof HttpComponentsClientHttpRequestFactory httpComponents) {
            CancelableHttpClient.install(httpComponents);
            return Means.HOOK;
        }
        boolean closes =
                factory instanceof JdkClientHttpRequestFactory || factory instanceof JettyClientHttpRequestFactory;
        return closes ? Means.INTERRUPT_THEN_CLOSE : Means.INTERRUPT;
    }

    /** A builder whose factories are as {@link #wrap wrapped} ones. One that is wrapped already is returned as it is. */
    public ClientHttpRequestFactoryBuilder<?> wrap(ClientHttpRequestFactoryBuilder<?> builder) {
        requireNonNull(builder, "builder");
        if (calls == null || builder instanceof GuardedRequestFactoryBuilder) {
            return builder;
        }
        if (builder instanceof JettyClientHttpRequestFactoryBuilder jetty) {
            return new GuardedRequestFactoryBuilder(JettyAborts.hook(jetty), Means.HOOK, this);
        }
        if (builder instanceof ReactorClientHttpRequestFactoryBuilder reactor) {
            return new GuardedRequestFactoryBuilder(ReactorAborts.hook(reactor), Means.HOOK, this);
        }
        return new GuardedRequestFactoryBuilder(builder, null, this);
    }

    ClientCall begin(ClientHttpRequest request) {
        Map<String, Object> attributes = request.getAttributes();
        HttpDependencies known = requireNonNull(dependencies);
        Dependency called =
                known.of(attributes.get(DEPENDENCY_ATTRIBUTE), attributes.get(GROUP_ATTRIBUTE), request.getURI());
        DependencyCall call =
                requireNonNull(calls).begin(called, request.getMethod().name());
        return new ClientCall(call, known.isRest(called) ? call.dependency() : called);
    }

    /**
     * Writes into the request what the dependency is to be told.
     *
     * @throws IOException if somebody else interrupts the thread
     */
    void propagate(ClientCall call, HttpHeaders headers) throws IOException {
        Dependency.Propagation propagation = call.told().propagation();
        if (propagation.deadline() != null) {
            OutboundDeadline.write(propagation.deadline(), call.context(), headers);
        }
        if (propagation.requestId() && requestId != null) {
            requestId.write(headers);
        }
        if (propagation.values() && values != null && !values.isEmpty()) {
            String baggage = values.write(call.context(), headers.getOrEmpty(PropagatedValues.HEADER));
            if (!baggage.isEmpty()) {
                headers.add(PropagatedValues.HEADER, baggage);
            }
        }
    }
}
