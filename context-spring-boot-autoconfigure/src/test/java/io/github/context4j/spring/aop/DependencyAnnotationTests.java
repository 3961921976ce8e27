package io.github.context4j.spring.aop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.context4j.Context;
import io.github.context4j.DeadlineExceededException;
import io.github.context4j.spring.ContextObserver;
import io.github.context4j.spring.DependencyCall;
import io.github.context4j.spring.DependencyCalls;
import io.github.context4j.spring.Outcome;
import io.github.context4j.spring.autoconfigure.ContextAutoConfiguration;
import io.github.context4j.spring.autoconfigure.ContextSwitchedOffAutoConfiguration;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;

class DependencyAnnotationTests {
    private final Calls told = new Calls();
    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(
                    AutoConfigurations.of(ContextAutoConfiguration.class, ContextSwitchedOffAutoConfiguration.class))
            .withBean(ContextObserver.class, () -> told)
            .withPropertyValues("context.dependencies.cache.timeout=10s", "context.dependencies.queue.timeout=20ms");

    /** What ended, and how. */
    static final class Calls implements ContextObserver {
        final List<String> ended = new CopyOnWriteArrayList<>();

        @Override
        public void callEnded(DependencyCall call, Outcome outcome, Duration duration) {
            ended.add(call.dependency().name() + " " + outcome);
        }
    }

    static class Cache {
        private final LinkedBlockingQueue<String> queue = new LinkedBlockingQueue<>();

        @Dependency("cache")
        public boolean bounded() {
            return Context.current().deadline() != null;
        }

        public boolean boundedThroughItself() {
            return bounded();
        }

        @Dependency("queue")
        String take() throws InterruptedException {
            return queue.take();
        }
    }

    @Test
    void theCallOfAnAnnotatedMethodIsACallToTheDependency() {
        runner.withBean(Cache.class).run(context -> {
            assertThat(context.getBean(Cache.class).bounded()).isTrue();
            assertThat(told.ended).containsExactly("cache COMPLETED");
        });
    }

    @Test
    void aBeanThatCallsItselfMakesNoCall() {
        runner.withBean(Cache.class).run(context -> {
            assertThat(context.getBean(Cache.class).boundedThroughItself()).isFalse();
            assertThat(told.ended).isEmpty();
        });
    }

    @Test
    void whatMayBeInterruptedIsSo() {
        runner.withBean(Cache.class)
                .withPropertyValues("context.dependencies.queue.interrupt=true")
                .run(context -> assertThatThrownBy(
                                () -> context.getBean(Cache.class).take())
                        .isInstanceOf(DeadlineExceededException.class));
        assertThat(told.ended).containsExactly("queue DEADLINE_EXCEEDED");
        assertThat(Thread.interrupted()).isFalse();
    }

    @Dependency("cache")
    interface Lookup {
        String find();

        @Dependency("queue")
        default String other() {
            return named();
        }

        static String named() {
            return String.valueOf(Context.current().deadline() != null);
        }
    }

    static class InterfaceOnly implements Lookup {
        @Override
        public String find() {
            return Lookup.named();
        }

        String notPublic() {
            return Lookup.named();
        }
    }

    static class Inheriting extends InterfaceOnly {
        @Override
        @Dependency("queue")
        public String find() {
            return super.find();
        }
    }

    @Test
    void annotationsOfInterfacesAndSuperclassesAreForTheirImplementations() {
        runner.withBean(InterfaceOnly.class).run(context -> {
            InterfaceOnly bean = context.getBean(InterfaceOnly.class);
            assertThat(bean.find()).isEqualTo("true");
            assertThat(bean.other()).isEqualTo("true");
            assertThat(bean.notPublic()).isEqualTo("false");
            assertThat(bean.toString()).isNotEmpty();
            assertThat(told.ended).containsExactly("cache COMPLETED", "queue COMPLETED");
        });
    }

    @Test
    void theAnnotationOfAMethodReplacesThatOfItsClass() {
        runner.withBean(Inheriting.class).run(context -> {
            context.getBean(Inheriting.class).find();
            assertThat(told.ended).containsExactly("queue COMPLETED");
        });
    }

    @Test
    void interfacesAreProxiedWhereTheApplicationWantsThat() {
        runner.withBean(InterfaceOnly.class)
                .withPropertyValues("spring.aop.proxy-target-class=false")
                .run(context -> {
                    Lookup bean = context.getBean(Lookup.class);
                    assertThat(AopUtils.isJdkDynamicProxy(bean)).isTrue();
                    assertThat(bean.find()).isEqualTo("true");
                    assertThat(told.ended).containsExactly("cache COMPLETED");
                });
    }

    /** As the repositories of Spring Data and HTTP interface clients are made. */
    static final class Generated implements FactoryBean<Lookup> {
        @Override
        public Lookup getObject() {
            ProxyFactory factory = new ProxyFactory(
                    Lookup.class, (org.aopalliance.intercept.MethodInterceptor) invocation -> Lookup.named());
            return (Lookup) factory.getProxy();
        }

        @Override
        public Class<?> getObjectType() {
            return Lookup.class;
        }
    }

    @Test
    void interfacesWithoutAnImplementationAreAdvisedToo() {
        runner.withBean(Generated.class).run(context -> {
            assertThat(context.getBean(Lookup.class).find()).isEqualTo("true");
            assertThat(told.ended).containsExactly("cache COMPLETED");
        });
    }

    static class Repository {
        @Transactional
        @Dependency("cache")
        public String find() {
            return Lookup.named();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableTransactionManagement
    @Import(Repository.class)
    static class Transactions extends AbstractPlatformTransactionManager implements PlatformTransactionManager {
        private static final long serialVersionUID = 1L;
        private static volatile @Nullable String begun;

        @Override
        protected Object doGetTransaction() {
            return this;
        }

        @Override
        protected void doBegin(Object transaction, org.springframework.transaction.TransactionDefinition definition) {
            begun = Lookup.named();
        }

        @Override
        protected void doCommit(DefaultTransactionStatus status) {}

        @Override
        protected void doRollback(DefaultTransactionStatus status) {}
    }

    @Test
    void theTransactionBelongsToTheCall() {
        runner.withUserConfiguration(Transactions.class).run(context -> {
            context.getBean(Repository.class).find();
            assertThat(Transactions.begun).isEqualTo("true");
            assertThat(told.ended).containsExactly("cache COMPLETED");
        });
    }

    static class Misspelled {
        @Dependency("cahce")
        public String find() {
            return "";
        }
    }

    static class Reactive {
        @Dependency("cache")
        public java.util.concurrent.Flow.Publisher<String> find() {
            throw new UnsupportedOperationException();
        }
    }

    static class Task {
        @Dependency("cache")
        public java.util.concurrent.FutureTask<String> find() {
            throw new UnsupportedOperationException();
        }
    }

    @Test
    void anUnknownNameFailsAtStartUpWithTheBeanTheMethodAndTheKnownNames() {
        runner.withBean("lookup", Misspelled.class).run(context -> assertThat(context)
                .getFailure()
                .rootCause()
                .isInstanceOf(InvalidDependencyException.class)
                .hasMessage(
                        "@Dependency(\"cahce\") on " + Misspelled.class.getName() + ".find of bean 'lookup': no such"
                                + " dependency (expected: one of context.dependencies: [cache, queue])"));
    }

    @Test
    void resultsThatTellNobodyWhenTheyAreThereAreRefusedAtStartUp() {
        runner.withBean(Reactive.class).run(context -> assertThat(context)
                .getFailure()
                .rootCause()
                .isInstanceOf(InvalidDependencyException.class)
                .hasMessageContaining("returns java.util.concurrent.Flow$Publisher"));
        runner.withBean(Task.class).run(context -> assertThat(context)
                .getFailure()
                .rootCause()
                .isInstanceOf(InvalidDependencyException.class)
                .hasMessageContaining("returns java.util.concurrent.FutureTask"));
    }

    @Test
    void isNotThereWhenDisabled() {
        runner.withBean(Misspelled.class)
                .withPropertyValues("context.enabled=false")
                .run(context -> {
                    assertThat(context).hasNotFailed().doesNotHaveBean(DependencyAnnotationPostProcessor.class);
                    assertThat(AopUtils.isAopProxy(context.getBean(Misspelled.class)))
                            .isFalse();
                });
    }

    @Test
    void beansWithoutTheAnnotationStayAsTheyAre() {
        runner.run(context -> {
            assertThat(AopUtils.isAopProxy(context.getBean("contextObserver"))).isFalse();
            assertThat(AopUtils.isAopProxy(context.getBean(DependencyCalls.class)))
                    .isFalse();
        });
    }
}
