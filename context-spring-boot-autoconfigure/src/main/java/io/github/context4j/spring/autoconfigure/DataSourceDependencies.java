package io.github.context4j.spring.autoconfigure;

import io.github.context4j.spring.Dependencies;
import io.github.context4j.spring.Dependency;
import io.github.context4j.spring.client.HttpDependencies;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.SimpleAliasRegistry;

/**
 * Which entry of {@code context.dependencies} applies to which DataSource bean: the one whose {@code data-sources} names it;
 * else the entry {@code db}, if it names none and there is only one DataSource. Settings that cannot be meant fail here.
 */
final class DataSourceDependencies implements SmartInitializingSingleton {
    private static final Log logger = LogFactory.getLog(DataSourceDependencies.class);
    private static final String DEFAULT = "db";

    private final Map<String, ContextProperties.Entry> entries;
    private final ConfigurableListableBeanFactory beanFactory;
    private final Map<String, String> entryOf;
    private final Dependencies named;
    private final Set<String> unlimited = ConcurrentHashMap.newKeySet();

    DataSourceDependencies(
            ContextProperties properties, Dependencies named, ConfigurableListableBeanFactory beanFactory) {
        this.entries = new LinkedHashMap<>(properties.getDependencies()); // Spring Cloud may bind the properties anew
        this.named = named;
        this.beanFactory = beanFactory;
        this.entryOf = assign();
    }

    private Map<String, String> assign() {
        Map<String, String> assigned = new LinkedHashMap<>();
        entries.forEach((name, entry) -> entry.getDataSources()
                .forEach(selected -> assign(assigned, name, canonical(name, selected), selected)));
        Set<String> beans = dataSources();
        if (isDefault() && beans.size() == 1) {
            assigned.putIfAbsent(beans.iterator().next(), DEFAULT);
        }
        return assigned;
    }

    private static void assign(Map<String, String> assigned, String name, String bean, String selected) {
        String other = assigned.putIfAbsent(bean, name);
        if (other != null && !other.equals(name)) {
            throw new InvalidContextPropertyException(
                    key(name),
                    selected,
                    "a DataSource that no other entry names; " + key(other) + " names it too",
                    "Name each DataSource in one entry only. What is to run under another time-out on the same DataSource"
                            + " is run by dependencies.call(\"" + name + "\", ...).");
        }
    }

    private String canonical(String entry, String selected) {
        if (!beanFactory.containsBean(selected) || !beanFactory.isTypeMatch(selected, DataSource.class)) {
            throw new InvalidContextPropertyException(
                    key(entry),
                    selected,
                    "names of DataSource beans, which are " + dataSources(),
                    "Name one of them, or remove the name from " + key(entry) + ".");
        }
        return scoped(beanFactory instanceof SimpleAliasRegistry aliases ? aliases.canonicalName(selected) : selected);
    }

    /** A scoped bean is two: the proxy, by the name that the application knows, and its target, by another. */
    private static String scoped(String beanName) {
        return ScopedProxyUtils.isScopedTarget(beanName) ? ScopedProxyUtils.getOriginalBeanName(beanName) : beanName;
    }

    private Set<String> dataSources() {
        return Arrays.stream(beanFactory.getBeanNamesForType(DataSource.class, true, false))
                .map(DataSourceDependencies::scoped)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private boolean isDefault() {
        ContextProperties.Entry entry = entries.get(DEFAULT);
        return entry != null && entry.getDataSources().isEmpty();
    }

    private static String key(String entry) {
        return "context.dependencies." + entry + ".data-sources";
    }

    /** The dependency that a DataSource bean belongs to; one without an entry is one of its own, without a time-out. */
    Dependency of(String bean) {
        String beanName = scoped(bean);
        String name = entryOf.get(beanName);
        ContextProperties.Entry entry = name == null ? null : entries.get(name);
        if (name != null && entry != null) {
            return entry.named(name);
        }
        if (unlimited.add(beanName)) {
            logger.info("DataSource '" + beanName
                    + "' has no entry in context.dependencies: a boundary without a time-out");
        }
        return new Dependency(beanName, null);
    }

    /** Whether an entry names the DataSource bean. */
    boolean isSelected(String beanName) {
        String name = entryOf.get(scoped(beanName));
        ContextProperties.Entry entry = name == null ? null : entries.get(name);
        return entry != null && !entry.getDataSources().isEmpty();
    }

    @Override
    public void afterSingletonsInstantiated() {
        Set<String> used = Set.copyOf(entryOf.values());
        String unused = entries.keySet().stream()
                .filter(name -> !used.contains(name) && !named.isInUse(name) && !isForHttp(name))
                .sorted()
                .map(name -> "context.dependencies." + name + ": nothing refers to it; it applies only where"
                        + " code names it, as dependencies.call(\"" + name + "\", ...) does" + hint(name))
                .collect(Collectors.joining(System.lineSeparator()));
        if (!unused.isEmpty()) {
            logger.warn(unused);
        }
    }

    /** Whether HTTP calls refer to the entry. */
    private boolean isForHttp(String name) {
        ContextProperties.Entry entry = entries.get(name);
        return entry != null
                && (!entry.getHosts().isEmpty()
                        || !entry.getGroups().isEmpty()
                        || (name.equals(HttpDependencies.REST) && entry.selectsNothing()));
    }

    private String hint(String name) {
        return name.equals(DEFAULT) && isDefault()
                ? ". The DataSource beans are " + dataSources() + ": name those it is for in " + key(name)
                : "";
    }
}
