package io.github.context4j.spring.aop;

import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.util.Map;
import org.springframework.aop.ClassFilter;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.util.ClassUtils;
import org.springframework.util.ConcurrentReferenceHashMap;
import org.springframework.util.ReflectionUtils;

/**
 * Which types have a {@link Dependency} anywhere, in their superclasses and interfaces too. Spring's own search looks through
 * the whole hierarchy once for each method of each bean, which is felt at start-up; here each type is looked at once.
 */
final class DependencyTypes implements ClassFilter {
    private final Map<Class<?>, Boolean> types = new ConcurrentReferenceHashMap<>();
    private final Map<Class<?>, Boolean> annotations = new ConcurrentReferenceHashMap<>();

    @Override
    public boolean matches(Class<?> type) {
        for (Class<?> c = type; c != null && c != Object.class; c = c.getSuperclass()) {
            if (has(c)) {
                return true;
            }
        }
        for (Class<?> c : ClassUtils.getAllInterfacesForClassAsSet(type)) {
            if (has(c)) {
                return true;
            }
        }
        return false;
    }

    private boolean has(Class<?> type) {
        if (isFrameworks(type.getName())) {
            return false;
        }
        Boolean known = types.get(type);
        if (known == null) {
            known = look(type);
            types.put(type, known);
        }
        return known;
    }

    /** Whether it cannot know the annotation: most beans are Spring's. */
    private static boolean isFrameworks(String type) {
        return type.startsWith("java.")
                || (type.startsWith("org.springframework.") && !type.startsWith("org.springframework.samples."));
    }

    /** Whether neither it nor anything above it can know the annotation; a generated class may have an interface that does. */
    static boolean isFrameworksOwn(Class<?> type) {
        return isFrameworks(type.getName()) && !type.getName().contains("$$");
    }

    private boolean look(Class<?> type) {
        try {
            if (isOn(type)) {
                return true;
            }
            for (Method method : ReflectionUtils.getDeclaredMethods(type)) {
                if (isOn(method)) {
                    return true;
                }
            }
            return false;
        } catch (RuntimeException | LinkageError e) {
            return true; // something that it mentions is not on the class path: that is for Spring to judge
        }
    }

    private boolean isOn(AnnotatedElement element) {
        for (Annotation annotation : element.getDeclaredAnnotations()) {
            if (annotations.computeIfAbsent(annotation.annotationType(), DependencyTypes::isOrMeans)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isOrMeans(Class<?> annotationType) {
        return annotationType == Dependency.class
                || AnnotatedElementUtils.isAnnotated(annotationType, Dependency.class);
    }
}
