package io.github.context4j.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.Context;
import io.github.context4j.spring.ContextObserver;
import io.github.context4j.spring.Dependencies;
import io.github.context4j.spring.DependencyCalls;
import io.github.context4j.spring.LiveContext;
import io.github.context4j.spring.LiveContexts;
import io.github.context4j.spring.Mode;
import io.github.context4j.spring.grpc.ContextClientInterceptor;
import io.github.context4j.spring.grpc.ContextServerInterceptor;
import io.github.context4j.spring.grpc.ServerCallContexts;
import io.github.context4j.spring.grpc.TestService;
import io.github.context4j.spring.shutdown.ShutdownContexts;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.grpc.client.autoconfigure.CompositeChannelFactoryAutoConfiguration;
import org.springframework.boot.grpc.client.autoconfigure.GrpcClientAutoConfiguration;
import org.springframework.boot.grpc.server.autoconfigure.GrpcServerAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;
import org.springframework.core.annotation.Order;
import org.springframework.grpc.client.GrpcChannelBuilderCustomizer;
import org.springframework.grpc.client.GrpcChannelFactory;
import org.springframework.grpc.server.GlobalServerInterceptor;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;
import org.springframework.grpc.server.lifecycle.GrpcServerShutdownEvent;

class ContextGrpcAutoConfigurationTests {
    private final ApplicationContextRunner plain = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    ContextAutoConfiguration.class,
                    ContextSwitchedOffAutoConfiguration.class,
                    ContextWebServerAutoConfiguration.class,
                    ContextGrpcServerAutoConfiguration.class,
                    ContextGrpcClientAutoConfiguration.class));

    private final ApplicationContextRunner boot = plain.withConfiguration(AutoConfigurations.of(
                    SslAutoConfiguration.class,
                    GrpcServerAutoConfiguration.class,
                    GrpcClientAutoConfiguration.class,
                    CompositeChannelFactoryAutoConfiguration.class))
            .withUserConfiguration(Application.class)
            .withPropertyValues("spring.grpc.server.port=0", "spring.grpc.server.address=127.0.0.1");

    /** Says what it sees of contexts, on either side. */
    @Configuration(proxyBeanMethods = false)
    static class Application {
        @Bean
        Seen seen() {
            return new Seen();
        }

        @Bean
        TestService service() {
            return new TestService() {
                @Override
                protected void unary(String request, ServerCallStreamObserver<String> response) {
                    response.onNext("context: " + hasContext() + ", deadline: "
                            + (io.grpc.Context.current().getDeadline() != null));
                    response.onCompleted();
                }
            };
        }

        @Bean
        @GlobalServerInterceptor
        @Order(Ordered.HIGHEST_PRECEDENCE)
        ServerInterceptor other(Seen seen) {
            return new ServerInterceptor() {
                @Override
                public <Q, R> ServerCall.Listener<Q> interceptCall(
                        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
                    seen.contexts.add(hasContext());
                    return next.startCall(call, headers);
                }
            };
        }

        static boolean hasContext() {
            return Context.current().get(LiveContext.KEY) != null;
        }
    }

    static final class Seen {
        final List<Boolean> contexts = new CopyOnWriteArrayList<>();
    }

    private static String call(org.springframework.context.ApplicationContext context) {
        int port = context.getBean(GrpcServerLifecycle.class).getPort();
        Channel channel = context.getBean(GrpcChannelFactory.class).createChannel("static://127.0.0.1:" + port);
        return Context.background()
                .withValue(Context.Key.named("any"), "value")
                .<String, RuntimeException>call(
                        () -> ClientCalls.blockingUnaryCall(channel, TestService.UNARY, CallOptions.DEFAULT, "any"));
    }

    @ParameterizedTest
    @CsvSource({"false", "true"})
    void springGrpcFindsBothInterceptorsAndOursIsOutermost(boolean lazy) {
        ApplicationContextRunner runner = lazy
                ? boot.withInitializer(
                        c -> c.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
                : boot;
        runner.withPropertyValues("context.dependencies.grpc.timeout=20s").run(context -> {
            assertThat(context).hasNotFailed();
            assertThat(call(context)).isEqualTo("context: true, deadline: true");
            assertThat(context.getBean(Seen.class).contexts).containsExactly(true);
            assertThat(context.getBean(Dependencies.class).isInUse("grpc")).isTrue();
        });
    }

    @Test
    void switchedOffLeavesNoTraceButWhatApplicationsInject() {
        boot.withPropertyValues("context.enabled=false").run(context -> {
            assertThat(call(context)).isEqualTo("context: false, deadline: false");
            assertThat(context).doesNotHaveBean("context4jGrpcChannelDependencies");
            assertThat(context).hasSingleBean(ContextServerInterceptor.class);
            assertThat(context).hasSingleBean(ContextClientInterceptor.class);
        });
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnInterceptors {
        @Bean
        ContextServerInterceptor mine(ObjectProvider<LiveContexts> live) {
            return new ContextServerInterceptor(new ServerCallContexts(
                    Mode.ENFORCE,
                    null,
                    null,
                    method -> true,
                    Context::background,
                    live.getObject(),
                    new ContextObserver() {}));
        }

        @Bean
        ContextClientInterceptor mineToo(Dependencies dependencies, DependencyCalls calls) {
            return new ContextClientInterceptor(dependencies, calls);
        }
    }

    @Test
    void theApplicationsOwnInterceptorsReplaceOurs() {
        plain.withUserConfiguration(OwnInterceptors.class).run(context -> {
            assertThat(context).getBean(ContextServerInterceptor.class).isSameAs(context.getBean("mine"));
            assertThat(context).getBean(ContextClientInterceptor.class).isSameAs(context.getBean("mineToo"));
        });
    }

    @Test
    void withoutSpringGrpcThereAreBeansToBeGivenToServersAndChannels() {
        plain.withClassLoader(new FilteredClassLoader("org.springframework.grpc", "org.springframework.boot.grpc"))
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    assertThat(context).hasSingleBean(ContextServerInterceptor.class);
                    assertThat(context).hasSingleBean(ContextClientInterceptor.class);
                    assertThat(context).doesNotHaveBean("context4jGrpcServerShutdown");
                    assertThat(context).doesNotHaveBean("context4jGrpcChannelDependencies");
                    assertThat(context.getBean(ContextServerInterceptor.class)).isInstanceOf(PriorityOrdered.class);
                });
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void withoutGrpcThereIsNothing(boolean enabled) {
        plain.withClassLoader(
                        new FilteredClassLoader("io.grpc", "org.springframework.grpc", "org.springframework.boot.grpc"))
                .withPropertyValues("context.enabled=" + enabled)
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    assertThat(context.getBeanDefinitionNames()).noneMatch(name -> name.contains("context4jGrpc"));
                });
    }

    @Test
    void aChannelBelongsToTheEntryOfItsName() {
        boot.withPropertyValues("context.dependencies.inventory.timeout=20s", "context.dependencies.other.timeout=20s")
                .run(context -> {
                    assertThat(context)
                            .getBeans(GrpcChannelBuilderCustomizer.class)
                            .containsKey("context4jGrpcChannelDependencies");
                    context.getBean(GrpcChannelFactory.class).createChannel("inventory");
                    assertThat(context.getBean(Dependencies.class).isInUse("inventory"))
                            .isTrue();
                    assertThat(context.getBean(Dependencies.class).isInUse("other"))
                            .isFalse();
                });
    }

    @Test
    void shutdownHasBegunWhenTheServerBeginsToWaitForItsCalls() {
        List<Boolean> begun = new CopyOnWriteArrayList<>();
        boot.run(context -> {
            ShutdownContexts shutdown = context.getBean(ShutdownContexts.class);
            context.addApplicationListener(event -> {
                if (event instanceof GrpcServerShutdownEvent) {
                    begun.add(shutdown.serving().isDone());
                }
            });
            GrpcServerLifecycle server = context.getBean(GrpcServerLifecycle.class);
            server.stop(); // and the application goes on
            server.start();
            context.close();
        });
        assertThat(begun).containsExactly(false, true);
    }
}
