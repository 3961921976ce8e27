package io.github.context4j.spring.aop;

import io.github.context4j.spring.Dependencies;
import java.lang.reflect.Method;
import java.util.function.Supplier;
import org.springframework.aop.framework.AopInfrastructureBean;
import org.springframework.aop.framework.autoproxy.AbstractBeanFactoryAwareAdvisingPostProcessor;
import org.springframework.aop.support.AopUtils;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.aop.support.StaticMethodMatcherPointcut;
import org.springframework.core.Ordered;

/**
 * Advises the methods that have a {@link Dependency}. The advice is outside that of transactions and caches, so that the
 * wait for a connection belongs to the call, and inside that of {@code @Retryable} and {@code @Async}: each attempt is a call.
 */
public final class DependencyAnnotationPostProcessor extends AbstractBeanFactoryAwareAdvisingPostProcessor {
    private static final long serialVersionUID = 1L;

    /** Before those of {@code @Retryable} and {@code @Async}, which put their advice in front of what is there. */
    private static final int ORDER = Ordered.LOWEST_PRECEDENCE - 100;

    private final transient DependencyMethods methods;

    /**
     * @param dependencies asked when a bean has the annotation
     * @param proxyTargetClass whether beans are proxied by subclassing, else by their interfaces
     */
    public DependencyAnnotationPostProcessor(Supplier<Dependencies> dependencies, boolean proxyTargetClass) {
        methods = new DependencyMethods(dependencies);
        advisor = new DefaultPointcutAdvisor(new AnnotatedMethods(), new DependencyInterceptor(methods));
        setProxyTargetClass(proxyTargetClass);
        setBeforeExistingAdvisors(true);
        setOrder(ORDER);
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        if (!(bean instanceof AopInfrastructureBean)) {
            Class<?> target = AopUtils.getTargetClass(bean);
            if (isEligible(target)) {
                methods.check(beanName, target);
            } else if (target != bean.getClass() && isEligible(bean.getClass())) {
                methods.check(beanName, bean.getClass());
            }
        }
        return super.postProcessAfterInitialization(bean, beanName);
    }

    @Override
    protected boolean isEligible(Class<?> targetClass) {
        return !DependencyTypes.isFrameworksOwn(targetClass) && super.isEligible(targetClass);
    }

    private static final class AnnotatedMethods extends StaticMethodMatcherPointcut {
        AnnotatedMethods() {
            setClassFilter(new DependencyTypes());
        }

        @Override
        public boolean matches(Method method, Class<?> targetClass) {
            return DependencyMethods.find(method, targetClass) != null;
        }
    }
}
