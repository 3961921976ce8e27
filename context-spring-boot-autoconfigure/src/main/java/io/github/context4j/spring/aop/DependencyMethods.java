package io.github.context4j.spring.aop;

import io.github.context4j.spring.Dependencies;
import io.github.context4j.spring.NamedDependency;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.support.AopUtils;
import org.springframework.core.MethodClassKey;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.ReactiveAdapterRegistry;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/** Which methods are calls to which dependency. Thread-safe. */
final class DependencyMethods {
    private static final boolean REACTIVE_STREAMS_PRESENT =
            ClassUtils.isPresent("org.reactivestreams.Publisher", DependencyMethods.class.getClassLoader());

    private final Supplier<Dependencies> dependencies;
    private final Map<MethodClassKey, NamedDependency> known = new ConcurrentHashMap<>();

    /** @param dependencies asked when there is a method */
    DependencyMethods(Supplier<Dependencies> dependencies) {
        this.dependencies = dependencies;
    }

    /** The annotation that is for {@code method} in a bean of {@code type}, null if none is. */
    static @Nullable Dependency find(Method method, Class<?> type) {
        if (ReflectionUtils.isObjectMethod(method)) {
            return null;
        }
        Method specific = AopUtils.getMostSpecificMethod(method, type);
        Dependency own = AnnotatedElementUtils.findMergedAnnotation(specific, Dependency.class);
        if (own == null && specific != method) {
            own = AnnotatedElementUtils.findMergedAnnotation(method, Dependency.class);
        }
        if (own != null || !Modifier.isPublic(specific.getModifiers())) {
            return own;
        }
        Dependency ofType = AnnotatedElementUtils.findMergedAnnotation(type, Dependency.class);
        return ofType != null
                ? ofType
                : AnnotatedElementUtils.findMergedAnnotation(method.getDeclaringClass(), Dependency.class);
    }

    /** The dependency that {@code method} in a bean of {@code type} calls, null if it calls none. */
    @Nullable
    NamedDependency of(Method method, Class<?> type) {
        MethodClassKey key = new MethodClassKey(method, type);
        NamedDependency dependency = known.get(key);
        if (dependency == null) {
            Dependency annotation = find(method, type);
            if (annotation != null) {
                dependency = dependencies.get().named(annotation.value());
                known.put(key, dependency);
            }
        }
        return dependency;
    }

    /** @throws InvalidDependencyException if a method of the bean is annotated such as cannot be meant */
    void check(String beanName, Class<?> type) {
        MethodIntrospector.selectMethods(
                        type, (MethodIntrospector.MetadataLookup<Dependency>) method -> find(method, type))
                .forEach((method, annotation) -> check(beanName, method, annotation));
    }

    private void check(String beanName, Method method, Dependency annotation) {
        String where = "@Dependency(\"" + annotation.value() + "\") on " + ClassUtils.getQualifiedMethodName(method)
                + " of bean '" + beanName + "': ";
        requireKnown(where, annotation.value());
        Class<?> result = method.getReturnType();
        boolean stage = CompletionStage.class.isAssignableFrom(result);
        if ((Future.class.isAssignableFrom(result) && result != Future.class && !stage)
                || (!stage && isReactive(result))) {
            throw new InvalidDependencyException(
                    where + "returns " + result.getName() + " (expected: a value, a CompletionStage or a Future)",
                    "Return a CompletableFuture or what it is completed with, or annotate the methods that do and not"
                            + " the whole class.");
        }
    }

    private void requireKnown(String where, String name) {
        List<String> names = dependencies.get().all().stream()
                .map(io.github.context4j.spring.Dependency::name)
                .toList();
        if (!names.contains(name)) {
            throw new InvalidDependencyException(
                    where + "no such dependency (expected: one of context.dependencies: " + names + ")",
                    "Add an entry with a time-out, context.dependencies." + name
                            + ".timeout, or name one of the others.");
        }
        dependencies.get().named(name);
    }

    /** They do nothing until they are subscribed to, on whichever thread that is. */
    private static boolean isReactive(Class<?> type) {
        return java.util.concurrent.Flow.Publisher.class.isAssignableFrom(type)
                || (REACTIVE_STREAMS_PRESENT
                        && !Future.class.isAssignableFrom(type)
                        && ReactiveAdapterRegistry.getSharedInstance().getAdapter(type) != null);
    }
}
