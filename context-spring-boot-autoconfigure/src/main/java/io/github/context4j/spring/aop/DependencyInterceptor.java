package io.github.context4j.spring.aop;

import io.github.context4j.spring.NamedCall;
import io.github.context4j.spring.NamedDependency;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.support.AopUtils;

/** Makes the call of a method a call to its dependency. */
final class DependencyInterceptor implements MethodInterceptor {
    private final DependencyMethods methods;

    DependencyInterceptor(DependencyMethods methods) {
        this.methods = methods;
    }

    @Override
    @SuppressWarnings("NullAway") // the result of run may be null, says its type argument
    public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
        Object target = invocation.getThis();
        NamedDependency dependency = methods.of(
                invocation.getMethod(),
                target != null
                        ? AopUtils.getTargetClass(target)
                        : invocation.getMethod().getDeclaringClass());
        NamedCall call = dependency == null ? null : dependency.begin();
        if (call == null) {
            return invocation.proceed();
        }
        Object result = call.<@Nullable Object, Throwable>run(invocation::proceed);
        return CallResults.of(call, result, invocation.getMethod());
    }
}
