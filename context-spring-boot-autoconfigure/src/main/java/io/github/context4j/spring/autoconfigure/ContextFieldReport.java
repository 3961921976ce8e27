package io.github.context4j.spring.autoconfigure;

import io.github.context4j.Context;
import java.lang.annotation.Annotation;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aot.AotDetector;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Warns once, at start-up, of singleton beans that have a field for a {@link Context}: it would be that of whoever came last,
 * for all who come later. Looks at the types of fields only, of beans that exist by then and of classes of the application.
 *
 * <p>What is said of a field that holds a context for the life of the application is nothing: a final one, which was set when
 * there was no request, and one into which a bean of the application's is injected. Nor of a {@link
 * io.github.context4j.CancelableContext}, which somebody keeps to cancel it.
 */
final class ContextFieldReport implements SmartInitializingSingleton {
    private static final Log logger = LogFactory.getLog(ContextFieldReport.class);
    private static final int MAX_NAMED = 10;
    private static final String[] NOT_THE_APPLICATIONS = {"org.springframework.", "java.", "javax.", "jakarta.", "jdk."
    };
    private static final Set<String> INJECTED = Set.of(
            "org.springframework.beans.factory.annotation.Autowired",
            "jakarta.inject.Inject",
            "jakarta.annotation.Resource");

    private final ConfigurableListableBeanFactory beans;

    ContextFieldReport(ConfigurableListableBeanFactory beans) {
        this.beans = beans;
    }

    @Override
    public void afterSingletonsInstantiated() {
        if (AotDetector.useGeneratedArtifacts()) {
            return; // whoever built this has run it without; and nobody has looked at the fields yet, which takes time
        }
        List<String> found = found();
        if (!found.isEmpty()) {
            int more = found.size() - MAX_NAMED;
            String named = String.join(", ", found.subList(0, Math.min(found.size(), MAX_NAMED)));
            logger.warn("A bean has a field for a Context, which will be that of another request: " + named
                    + (more > 0 ? " and " + more + " more" : "")
                    + ". Contexts belong to one request, and beans live longer. Take the context as a parameter,"
                    + " handler(Context ctx, ...), and pass it on, or ask Context.current() where it is needed. For the life"
                    + " of the server, inject ShutdownContexts and ask it for serving().");
        }
    }

    private List<String> found() {
        List<String> found = new ArrayList<>();
        for (String name : beans.getSingletonNames()) {
            try {
                Object bean = beans.getSingleton(name); // makes none
                if (bean != null) {
                    look(name, bean, found);
                }
            } catch (RuntimeException | LinkageError e) {
                logger.debug("The fields of the bean '" + name + "' were not looked at", e);
            }
        }
        return found;
    }

    private static void look(String name, Object bean, List<String> found) {
        if (!isOfApplication(bean.getClass()) && !Proxy.isProxyClass(bean.getClass())) {
            return;
        }
        Object target = AopProxyUtils.getSingletonTarget(bean);
        Class<?> type = ClassUtils.getUserClass(target == null ? bean : target);
        for (; isOfApplication(type); type = type.getSuperclass()) {
            // Spring has these fields at hand, since it has looked for injection points.
            ReflectionUtils.doWithLocalFields(type, field -> look(name, field, found));
        }
    }

    private static void look(String name, Field field, List<String> found) {
        if (field.getType() == Context.class && !Modifier.isFinal(field.getModifiers()) && !isInjected(field)) {
            found.add("'" + name + "' (" + field.getDeclaringClass().getName() + "." + field.getName() + ")");
        }
    }

    private static boolean isOfApplication(Class<?> type) {
        String name = type.getName();
        for (String prefix : NOT_THE_APPLICATIONS) {
            if (name.startsWith(prefix)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isInjected(Field field) {
        for (Annotation annotation : field.getAnnotations()) {
            if (INJECTED.contains(annotation.annotationType().getName())) {
                return true;
            }
        }
        return false;
    }
}
