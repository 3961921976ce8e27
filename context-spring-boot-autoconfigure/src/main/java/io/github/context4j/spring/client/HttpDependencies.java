package io.github.context4j.spring.client;

import static java.util.Objects.requireNonNull;

import io.github.context4j.spring.Dependency;
import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which dependency an HTTP call belongs to: the one that is named on it, else that of its HTTP service group, else that of
 * its host, else {@code http}. Thread-safe.
 */
public final class HttpDependencies {
    /** The dependency that all calls belong to which nothing else selects: one name, however many hosts there are. */
    public static final String REST = "http";

    private static final System.Logger logger = System.getLogger(HttpDependencies.class.getName());

    private final Map<String, Dependency> byName;
    private final Map<String, Dependency> byGroup;
    private final Map<String, Dependency> byHost;
    private final Map<String, Dependency> byDomain;
    private final Dependency rest;
    private final AtomicBoolean unlimited = new AtomicBoolean();

    /**
     * @param byName all entries
     * @param byGroup by name of an HTTP service group
     * @param byHost by host name, in lower case; what begins with {@code *.} stands for all hosts below the rest of it
     * @param rest what all others belong to
     */
    public HttpDependencies(
            Map<String, Dependency> byName,
            Map<String, Dependency> byGroup,
            Map<String, Dependency> byHost,
            Dependency rest) {
        this.byName = Map.copyOf(byName);
        this.byGroup = Map.copyOf(byGroup);
        this.byHost = Map.copyOf(byHost);
        this.byDomain = byHost.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith("*."))
                .collect(Collectors.toUnmodifiableMap(entry -> entry.getKey().substring(1), Map.Entry::getValue));
        this.rest = requireNonNull(rest, "rest");
    }

    Dependency of(@Nullable Object name, @Nullable Object group, @Nullable URI uri) {
        if (name != null) {
            return named(name);
        }
        Dependency found = group == null ? null : byGroup.get(group);
        String host = found != null || uri == null ? null : host(uri);
        if (host != null) {
            found = ofHost(host.toLowerCase(Locale.ROOT));
        }
        return found != null ? found : rest(uri);
    }

    /** Whether nothing has selected the dependency. */
    boolean isRest(Dependency dependency) {
        return dependency == rest;
    }

    private Dependency named(Object name) {
        Dependency named = byName.get(name);
        if (named == null) {
            throw new IllegalArgumentException(
                    "dependency: " + name + " (expected: one of context.dependencies: " + byName.keySet() + ")");
        }
        return named;
    }

    /** {@code URI} knows no host with an underscore, which names of containers may have. */
    private static @Nullable String host(URI uri) {
        String known = uri.getHost();
        String authority = known == null ? uri.getRawAuthority() : null;
        if (authority == null) {
            return known;
        }
        String host = authority.substring(authority.lastIndexOf('@') + 1);
        int port = host.lastIndexOf(':');
        return port < 0 ? host : host.substring(0, port);
    }

    private @Nullable Dependency ofHost(String host) {
        Dependency found = byHost.get(host);
        if (byDomain.isEmpty()) {
            return found;
        }
        for (int dot = host.indexOf('.'); found == null && dot >= 0; dot = host.indexOf('.', dot + 1)) {
            found = byDomain.get(host.substring(dot));
        }
        return found;
    }

    private Dependency rest(@Nullable URI uri) {
        if (rest.timeout() == null && unlimited.compareAndSet(false, true)) {
            String host = uri == null ? null : host(uri);
            logger.log(
                    System.Logger.Level.INFO,
                    "HTTP calls to " + host + ", and whatever else no entry of context.dependencies selects by hosts or"
                            + " groups, are a boundary without a time-out");
        }
        return rest;
    }
}
