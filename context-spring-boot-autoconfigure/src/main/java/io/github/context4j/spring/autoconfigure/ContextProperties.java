package io.github.context4j.spring.autoconfigure;

import io.github.context4j.spring.DeadlineHeader;
import io.github.context4j.spring.Dependency;
import io.github.context4j.spring.Mode;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.format.annotation.DurationFormat;
import org.springframework.format.datetime.standard.DurationFormatterUtils;

/**
 * The {@code context.*} properties. Beans with setters, as those of Spring Boot are: where nothing is set, nothing is bound.
 * Records would have all their defaults converted, which is felt at start-up.
 */
@ConfigurationProperties("context")
public final class ContextProperties implements InitializingBean {
    /** Whether the library does anything; if not, the application is as it would be without it. */
    private boolean enabled = true;

    /** Whether contexts act, or only count what they would have done. */
    private Mode mode = Mode.ENFORCE;

    /** The contexts of incoming requests. */
    private final Request request = new Request();

    /** What the application calls, by name, and how long one operation on each may take. */
    private final Map<String, Entry> dependencies = new LinkedHashMap<>();

    /** How queries are canceled. */
    private final Jdbc jdbc = new Jdbc();

    /** What becomes of contexts when the server stops. */
    private final Shutdown shutdown = new Shutdown();

    /** What travels from service to service. */
    private final Propagation propagation = new Propagation();

    /** The tasks that requests start on Boot's executors, such as those of @Async methods. */
    private final Async async = new Async();

    /** How contexts that are left open are reported. */
    private final Unclosed unclosed = new Unclosed();

    /** How work is reported that goes on although its context has ended. */
    private final Zombies zombies = new Zombies();

    public boolean isEnabled() {
        return enabled;
    }

    public void setEnabled(boolean enabled) {
        this.enabled = enabled;
    }

    public Mode getMode() {
        return mode;
    }

    public void setMode(Mode mode) {
        this.mode = mode;
    }

    public Request getRequest() {
        return request;
    }

    public Map<String, Entry> getDependencies() {
        return dependencies;
    }

    public Jdbc getJdbc() {
        return jdbc;
    }

    public Shutdown getShutdown() {
        return shutdown;
    }

    public Propagation getPropagation() {
        return propagation;
    }

    public Async getAsync() {
        return async;
    }

    public Unclosed getUnclosed() {
        return unclosed;
    }

    public Zombies getZombies() {
        return zombies;
    }

    /** Refuses what cannot be meant. */
    @Override
    public void afterPropertiesSet() {
        request.validate();
        dependencies.forEach(ContextProperties::validate);
        requirePositive("context.jdbc.abort-after", jdbc.abortAfter);
        requirePositive("context.shutdown.grace-period", shutdown.gracePeriod);
        propagation.validate();
        unclosed.validate();
        requirePositive("context.zombies.after", zombies.after);
    }

    private static void validate(String name, Entry entry) {
        String key = "context.dependencies." + name;
        if (name.equals("request")) { // as the value of a tag, see docs/metrics.md
            throw new InvalidContextPropertyException(
                    "context.dependencies",
                    name,
                    "another name: metrics have this one for requests",
                    "Set context.dependencies.requests.timeout, for example, instead of " + key + ".timeout.");
        }
        entry.validate(key);
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

    /** Properties of {@code context.request}. */
    public static final class Request {
        /** How long a request may take, unless its handler says otherwise. No limit if not set. */
        private @Nullable Duration timeout;

        /** Which requests are canceled when the client leaves, unless the handler says otherwise. */
        private CancelOnDisconnect cancelOnDisconnect = CancelOnDisconnect.ALL;

        /** Whether a client that closes only its sending side counts as gone. */
        private boolean halfCloseIsDisconnect = true;

        /**
         * Request headers in which callers say how long they wait: grpc-timeout, x-envoy-expected-rq-timeout-ms, or
         * another name with its format, as x-time-left=millis or x-time-left=grpc. They only ever shorten a request's
         * time. None if empty.
         */
        private List<String> deadlineHeaders = List.of("grpc-timeout", "x-envoy-expected-rq-timeout-ms");

        /** Requests whose callers wait for less, by those headers, are answered 504 at once. None are if not set. */
        private @Nullable Duration minBudget;

        /**
         * Header of the request's id, which a client may choose and which is in the MDC and in the response. None if
         * off.
         */
        private String idHeader = "X-Request-Id";

        public @Nullable Duration getTimeout() {
            return timeout;
        }

        public void setTimeout(@Nullable Duration timeout) {
            this.timeout = timeout;
        }

        public CancelOnDisconnect getCancelOnDisconnect() {
            return cancelOnDisconnect;
        }

        public void setCancelOnDisconnect(CancelOnDisconnect cancelOnDisconnect) {
            this.cancelOnDisconnect = cancelOnDisconnect;
        }

        public boolean isHalfCloseIsDisconnect() {
            return halfCloseIsDisconnect;
        }

        public void setHalfCloseIsDisconnect(boolean halfCloseIsDisconnect) {
            this.halfCloseIsDisconnect = halfCloseIsDisconnect;
        }

        public List<String> getDeadlineHeaders() {
            return deadlineHeaders;
        }

        public void setDeadlineHeaders(List<String> deadlineHeaders) {
            this.deadlineHeaders = deadlineHeaders;
        }

        public @Nullable Duration getMinBudget() {
            return minBudget;
        }

        public void setMinBudget(@Nullable Duration minBudget) {
            this.minBudget = minBudget;
        }

        public String getIdHeader() {
            return idHeader;
        }

        public void setIdHeader(String idHeader) {
            this.idHeader = idHeader;
        }

        private void validate() {
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

    /** An entry of {@code context.dependencies}. */
    public static final class Entry {
        /** How long one operation may take, from waiting for a connection to the last byte. */
        private @Nullable Duration timeout;

        /** Names of the DataSource beans that the entry is for. */
        private List<String> dataSources = List.of();

        /** Hosts that the entry is for, for calls by HTTP; exact, or with a leading *. for all below a domain. */
        private List<String> hosts = List.of();

        /** Names of the HTTP service groups that the entry is for. */
        private List<String> groups = List.of();

        /** Whether a call by name is interrupted when its context ends, for clients that nothing else stops. */
        private boolean interrupt;

        /** Whether calls by HTTP say how much time is left. */
        private boolean propagateDeadline;

        /**
         * Header in which they say it: grpc-timeout, x-envoy-expected-rq-timeout-ms, or another name with its format,
         * as x-time-left=millis or x-time-left=grpc.
         */
        private String deadlineHeader = "grpc-timeout";

        /** Whether calls by HTTP have the id of the request, in the header that context.request.id-header names. */
        private boolean propagateRequestId;

        /** Whether calls by HTTP have the values that context.propagation.keys names. */
        private boolean propagateValues;

        public @Nullable Duration getTimeout() {
            return timeout;
        }

        public void setTimeout(@Nullable Duration timeout) {
            this.timeout = timeout;
        }

        public List<String> getDataSources() {
            return dataSources;
        }

        public void setDataSources(List<String> dataSources) {
            this.dataSources = dataSources;
        }

        public List<String> getHosts() {
            return hosts;
        }

        public void setHosts(List<String> hosts) {
            this.hosts = hosts;
        }

        public List<String> getGroups() {
            return groups;
        }

        public void setGroups(List<String> groups) {
            this.groups = groups;
        }

        public boolean isInterrupt() {
            return interrupt;
        }

        public void setInterrupt(boolean interrupt) {
            this.interrupt = interrupt;
        }

        public boolean isPropagateDeadline() {
            return propagateDeadline;
        }

        public void setPropagateDeadline(boolean propagateDeadline) {
            this.propagateDeadline = propagateDeadline;
        }

        public String getDeadlineHeader() {
            return deadlineHeader;
        }

        public void setDeadlineHeader(String deadlineHeader) {
            this.deadlineHeader = deadlineHeader;
        }

        public boolean isPropagateRequestId() {
            return propagateRequestId;
        }

        public void setPropagateRequestId(boolean propagateRequestId) {
            this.propagateRequestId = propagateRequestId;
        }

        public boolean isPropagateValues() {
            return propagateValues;
        }

        public void setPropagateValues(boolean propagateValues) {
            this.propagateValues = propagateValues;
        }

        private void validate(String prefix) {
            String key = prefix + ".timeout";
            if (timeout == null) {
                throw new InvalidContextPropertyException(
                        key, "(not set)", "a duration > 0", "Set " + key + ", for example to 200ms.");
            }
            requirePositive(key, timeout);
            requireDeadlineHeader(prefix + ".deadline-header", deadlineHeader);
        }

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

    /** Properties of {@code context.jdbc}. */
    public static final class Jdbc {
        /** How long a query may go on after its context has ended until its connection is aborted. */
        private Duration abortAfter = Duration.ofSeconds(2);

        public Duration getAbortAfter() {
            return abortAfter;
        }

        public void setAbortAfter(Duration abortAfter) {
            this.abortAfter = abortAfter;
        }
    }

    /** Properties of {@code context.shutdown}. */
    public static final class Shutdown {
        /**
         * How long requests may go on after shutdown has begun until they are canceled. If not set, it is less where
         * spring.lifecycle.timeout-per-shutdown-phase is set to less, and none where server.shutdown is immediate.
         */
        private Duration gracePeriod = Duration.ofSeconds(30);

        public Duration getGracePeriod() {
            return gracePeriod;
        }

        public void setGracePeriod(Duration gracePeriod) {
            this.gracePeriod = gracePeriod;
        }
    }

    /** Properties of {@code context.propagation}. */
    public static final class Propagation {
        /**
         * Names of the values that requests bring, and that dependencies are told that have propagate-values, in the
         * header baggage. None if empty.
         */
        private List<String> keys = List.of();

        public List<String> getKeys() {
            return keys;
        }

        public void setKeys(List<String> keys) {
            this.keys = keys;
        }

        private void validate() {
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

    /** Properties of {@code context.async}. */
    public static final class Async {
        /** Whether a task is canceled with the request that started it, and has its deadline. */
        private boolean cancellation;

        public boolean isCancellation() {
            return cancellation;
        }

        public void setCancellation(boolean cancellation) {
            this.cancellation = cancellation;
        }
    }

    /** Properties of {@code context.unclosed}. */
    public static final class Unclosed {
        /**
         * Of how many contexts one has its creation remembered, to log where it was derived if it is left open. None if
         * 0.
         */
        private int sampleEvery;

        public int getSampleEvery() {
            return sampleEvery;
        }

        public void setSampleEvery(int sampleEvery) {
            this.sampleEvery = sampleEvery;
        }

        private void validate() {
            if (sampleEvery < 0) {
                String key = "context.unclosed.sample-every";
                throw new InvalidContextPropertyException(
                        key, String.valueOf(sampleEvery), ">= 0", "Set " + key + " to 100, for example, or remove it.");
            }
        }
    }

    /** Properties of {@code context.zombies}. */
    public static final class Zombies {
        /** How long after the end of its context work is reported, in metrics, by the endpoint, and in the log. */
        private Duration after = Duration.ofSeconds(5);

        public Duration getAfter() {
            return after;
        }

        public void setAfter(Duration after) {
            this.after = after;
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
