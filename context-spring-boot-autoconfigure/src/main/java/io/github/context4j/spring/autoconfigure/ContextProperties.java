package io.github.context4j.spring.autoconfigure;

import io.github.context4j.spring.DeadlineHeader;
import io.github.context4j.spring.Dependency;
import io.github.context4j.spring.Mode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.format.annotation.DurationFormat;
import org.springframework.format.datetime.standard.DurationFormatterUtils;

/**
 * The {@code context.*} properties.
 *
 * @param enabled Whether the library does anything; if not, the application is as it would be without it.
 * @param mode Whether contexts act, or only count what they would have done.
 * @param request The contexts of incoming requests.
 * @param dependencies What the application calls, by name, and how long one operation on each may take.
 * @param jdbc How queries are canceled.
 * @param shutdown What becomes of contexts when the server stops.
 * @param propagation What travels from service to service.
 * @param async The tasks that requests start on Boot's executors, such as those of @Async methods.
 * @param unclosed How contexts that are left open are reported.
 * @param zombies How work is reported that goes on although its context has ended.
 */
@ConfigurationProperties("context")
public record ContextProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("enforce") Mode mode,
        @DefaultValue Request request,
        @DefaultValue Map<String, Entry> dependencies,
        @DefaultValue Jdbc jdbc,
        @DefaultValue Shutdown shutdown,
        @DefaultValue Propagation propagation,
        @DefaultValue Async async,
        @DefaultValue Unclosed unclosed,
        @DefaultValue Zombies zombies) {

    public ContextProperties {
        dependencies.forEach((name, entry) -> {
            String key = "context.dependencies." + name + ".timeout";
            if (entry.timeout() == null) {
                throw new InvalidContextPropertyException(
                        key, "(not set)", "a duration > 0", "Set " + key + ", for example to 200ms.");
            }
            requirePositive(key, entry.timeout());
            requireDeadlineHeader("context.dependencies." + name + ".deadline-header", entry.deadlineHeader());
        });
    }

    /** Which requests a client cancels by leaving. */
    public enum CancelOnDisconnect {
        /** All. */
        ALL,
        /** Those whose method is safe to repeat: GET, HEAD, OPTIONS and TRACE. */
        SAFE_METHODS,
        /** None, unless its handler says so. */
        OFF
    }

    /**
     * Properties of {@code context.request}.
     *
     * @param timeout How long a request may take, unless its handler says otherwise. No limit if not set.
     * @param cancelOnDisconnect Which requests are canceled when the client leaves, unless the handler says otherwise.
     * @param halfCloseIsDisconnect Whether a client that closes only its sending side counts as gone.
     * @param deadlineHeaders Request headers in which callers say how long they wait: grpc-timeout, x-envoy-expected-rq-timeout-ms,
     *     or another name with its format, as x-time-left=millis or x-time-left=grpc. They only ever shorten a request's time. None
     *     if empty.
     * @param minBudget Requests whose callers wait for less, by those headers, are answered 504 at once. None are if not set.
     * @param idHeader Header of the request's id, which a client may choose and which is in the MDC and in the response. None if off.
     */
    public record Request(
            @Nullable Duration timeout,
            @DefaultValue("all") CancelOnDisconnect cancelOnDisconnect,
            @DefaultValue("true") boolean halfCloseIsDisconnect,

            @DefaultValue({"grpc-timeout", "x-envoy-expected-rq-timeout-ms"})
            List<String> deadlineHeaders,

            @Nullable Duration minBudget,
            @DefaultValue("X-Request-Id") String idHeader) {
        public Request {
            if (timeout != null) {
                requirePositive("context.request.timeout", timeout);
            }
            if (minBudget != null) {
                requirePositive("context.request.min-budget", minBudget);
            }
            deadlineHeaders.forEach(setting -> requireDeadlineHeader("context.request.deadline-headers", setting));
            if (!isOff(idHeader) && !DeadlineHeader.isToken(idHeader)) {
                String key = "context.request.id-header";
                throw new InvalidContextPropertyException(
                        key, idHeader, "the name of a header, or off", "Set " + key + " to X-Request-Id, for example.");
            }
        }

        /** Whether the ids of requests are switched off; in YAML, off is false. */
        static boolean isOff(String idHeader) {
            return idHeader.isEmpty() || idHeader.equals("off") || idHeader.equals("false");
        }
    }

    /**
     * An entry of {@code context.dependencies}.
     *
     * @param timeout How long one operation may take, from waiting for a connection to the last byte.
     * @param dataSources Names of the DataSource beans that the entry is for.
     * @param hosts Hosts that the entry is for, for calls by HTTP; exact, or with a leading *. for all below a domain.
     * @param groups Names of the HTTP service groups that the entry is for.
     * @param interrupt Whether a call by name is interrupted when its context ends, for clients that nothing else stops.
     * @param propagateDeadline Whether calls by HTTP say how much time is left.
     * @param deadlineHeader Header in which they say it: grpc-timeout, x-envoy-expected-rq-timeout-ms, or another name with its format,
     *     as x-time-left=millis or x-time-left=grpc.
     * @param propagateRequestId Whether calls by HTTP have the id of the request, in the header that context.request.id-header names.
     * @param propagateValues Whether calls by HTTP have the values that context.propagation.keys names.
     */
    public record Entry(
            @Nullable Duration timeout,
            @DefaultValue List<String> dataSources,
            @DefaultValue List<String> hosts,
            @DefaultValue List<String> groups,
            @DefaultValue("false") boolean interrupt,
            @DefaultValue("false") boolean propagateDeadline,
            @DefaultValue("grpc-timeout") String deadlineHeader,
            @DefaultValue("false") boolean propagateRequestId,
            @DefaultValue("false") boolean propagateValues) {

        /** Whether it is a name and a time-out only. */
        boolean selectsNothing() {
            return dataSources.isEmpty() && hosts.isEmpty() && groups.isEmpty();
        }

        Dependency named(String name) {
            return new Dependency(
                    name,
                    timeout,
                    interrupt,
                    new Dependency.Propagation(
                            propagateDeadline ? DeadlineHeader.parse(deadlineHeader) : null,
                            propagateRequestId,
                            propagateValues));
        }
    }

    /**
     * Properties of {@code context.jdbc}.
     *
     * @param abortAfter How long a query may go on after its context has ended until its connection is aborted.
     */
    public record Jdbc(@DefaultValue("2s") Duration abortAfter) {
        public Jdbc {
            requirePositive("context.jdbc.abort-after", abortAfter);
        }
    }

    /**
     * Properties of {@code context.shutdown}.
     *
     * @param gracePeriod How long requests may go on after shutdown has begun until they are canceled. If not set, it is less where
     *     spring.lifecycle.timeout-per-shutdown-phase is set to less, and none where server.shutdown is immediate.
     */
    public record Shutdown(@DefaultValue("30s") Duration gracePeriod) {
        public Shutdown {
            requirePositive("context.shutdown.grace-period", gracePeriod);
        }
    }

    /**
     * Properties of {@code context.propagation}.
     *
     * @param keys Names of the values that requests bring, and that dependencies are told that have propagate-values, in the header
     *     baggage. None if empty.
     */
    public record Propagation(@DefaultValue List<String> keys) {
        public Propagation {
            keys.forEach(name -> {
                if (!DeadlineHeader.isToken(name)) {
                    String key = "context.propagation.keys";
                    throw new InvalidContextPropertyException(
                            key,
                            name,
                            "names of letters, digits and such as - . _",
                            "Set " + key + " to names such as tenant, or remove it.");
                }
            });
        }
    }

    /**
     * Properties of {@code context.async}.
     *
     * @param cancellation Whether a task is canceled with the request that started it, and has its deadline.
     */
    public record Async(@DefaultValue("false") boolean cancellation) {}

    /**
     * Properties of {@code context.unclosed}.
     *
     * @param sampleEvery Of how many contexts one has its creation remembered, to log where it was derived if it is left open.
     *     None if 0.
     */
    public record Unclosed(@DefaultValue("0") int sampleEvery) {
        public Unclosed {
            if (sampleEvery < 0) {
                String key = "context.unclosed.sample-every";
                throw new InvalidContextPropertyException(
                        key, String.valueOf(sampleEvery), ">= 0", "Set " + key + " to 100, for example, or remove it.");
            }
        }
    }

    /**
     * Properties of {@code context.zombies}.
     *
     * @param after How long after the end of its context work is reported, in metrics, by the endpoint, and in the log.
     */
    public record Zombies(@DefaultValue("5s") Duration after) {
        public Zombies {
            requirePositive("context.zombies.after", after);
        }
    }

    private static void requirePositive(String key, Duration value) {
        if (value.isZero() || value.isNegative()) {
            String written = DurationFormatterUtils.print(value, DurationFormat.Style.COMPOSITE);
            throw new InvalidContextPropertyException(
                    key, written, "> 0", "Set " + key + " to a duration such as 200ms, 30s or 5m, or remove it.");
        }
    }

    private static void requireDeadlineHeader(String key, String setting) {
        try {
            DeadlineHeader.parse(setting);
        } catch (IllegalArgumentException e) {
            throw new InvalidContextPropertyException(
                    key,
                    setting,
                    "grpc-timeout, x-envoy-expected-rq-timeout-ms, <name>=grpc or <name>=millis",
                    "Set " + key
                            + " to a header that says how long callers wait, such as x-time-left=millis, or remove it.");
        }
    }
}
