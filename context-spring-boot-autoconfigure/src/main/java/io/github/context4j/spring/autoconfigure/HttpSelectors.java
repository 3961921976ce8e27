package io.github.context4j.spring.autoconfigure;

import io.github.context4j.spring.Dependency;
import io.github.context4j.spring.client.HttpDependencies;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.web.service.registry.HttpServiceProxyRegistry;

/**
 * Which entries of {@code context.dependencies} are for which hosts and HTTP service groups. Settings that cannot be meant
 * fail here: two entries that select the same, what is no host name, and groups that are not there.
 */
final class HttpSelectors implements SmartInitializingSingleton {
    private static final Pattern HOST = Pattern.compile("(\\*\\.)?[\\w-]+(\\.[\\w-]+)*|\\[[0-9a-f:.]+]");

    private final Map<String, ContextProperties.Entry> entries;
    private final ObjectProvider<HttpServiceProxyRegistry> registries;
    private final Map<String, String> byGroup = new LinkedHashMap<>();
    private final Map<String, String> byHost = new LinkedHashMap<>();

    HttpSelectors(Map<String, ContextProperties.Entry> entries, ObjectProvider<HttpServiceProxyRegistry> registries) {
        this.entries = new LinkedHashMap<>(entries); // Spring Cloud may bind the properties anew
        this.registries = registries;
        entries.forEach((name, entry) -> {
            entry.getGroups().forEach(group -> select(byGroup, name, "groups", group, "a group"));
            entry.getHosts().forEach(host -> selectHost(name, host.toLowerCase(Locale.ROOT)));
        });
    }

    private void selectHost(String name, String host) {
        if (!HOST.matcher(host).matches()) {
            throw new InvalidContextPropertyException(
                    key(name, "hosts"),
                    host,
                    "host names such as api.example.org, or patterns such as *.example.org",
                    "Name hosts without scheme, port and path.");
        }
        byHost.forEach((other, entry) -> {
            if (!entry.equals(name) && (covers(other, host) || covers(host, other))) {
                throw overlap(name, "hosts", host, entry, "hosts that no other entry selects", " selects " + other);
            }
        });
        select(byHost, name, "hosts", host, "a host");
    }

    private static boolean covers(String pattern, String host) {
        return pattern.startsWith("*.") && host.endsWith(pattern.substring(1));
    }

    private static void select(Map<String, String> selected, String name, String selector, String value, String what) {
        String other = selected.putIfAbsent(value, name);
        if (other != null && !other.equals(name)) {
            throw overlap(name, selector, value, other, what + " that no other entry names", " names it too");
        }
    }

    private static InvalidContextPropertyException overlap(
            String name, String selector, String value, String other, String expected, String says) {
        return new InvalidContextPropertyException(
                key(name, selector),
                value,
                expected + "; " + key(other, selector) + says,
                "Let each host and each group be selected by one entry only. What is to run under another time-out is run by"
                        + " dependencies.call(\"" + name + "\", ...), or by a client that names its dependency.");
    }

    private static String key(String name, String selector) {
        return "context.dependencies." + name + "." + selector;
    }

    /** All that is selected; the entry named {@code http}, if it selects nothing, is for the rest. */
    HttpDependencies dependencies() {
        Map<String, Dependency> byName = new LinkedHashMap<>();
        entries.forEach((name, entry) -> byName.put(name, entry.named(name)));
        ContextProperties.Entry rest = entries.get(HttpDependencies.REST);
        return new HttpDependencies(
                byName,
                resolve(byGroup, byName),
                resolve(byHost, byName),
                rest != null && rest.selectsNothing()
                        ? rest.named(HttpDependencies.REST)
                        : new Dependency(HttpDependencies.REST, null));
    }

    private static Map<String, Dependency> resolve(Map<String, String> selected, Map<String, Dependency> byName) {
        Map<String, Dependency> resolved = new LinkedHashMap<>();
        selected.forEach((value, name) -> resolved.put(value, byName.get(name)));
        return resolved;
    }

    @Override
    public void afterSingletonsInstantiated() {
        if (byGroup.isEmpty()) {
            return;
        }
        Set<String> groups = new TreeSet<>();
        registries.forEach(registry -> groups.addAll(registry.getGroupNames()));
        byGroup.forEach((group, name) -> {
            if (!groups.contains(group)) {
                String key = key(name, "groups");
                throw new InvalidContextPropertyException(
                        key,
                        group,
                        "names of HTTP service groups, which are " + groups,
                        "Name one of them, or remove the name from " + key + ".");
            }
        });
    }
}
