package io.github.context4j.spring.autoconfigure;

import static io.github.context4j.spring.autoconfigure.ContextJdbcAutoConfigurationTests.h2;
import static io.github.context4j.spring.autoconfigure.ContextJdbcAutoConfigurationTests.isGuarded;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfigMXBean;
import com.zaxxer.hikari.HikariDataSource;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.aopalliance.intercept.MethodInterceptor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.aop.Advisor;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aop.framework.autoproxy.DefaultAdvisorAutoProxyCreator;
import org.springframework.aop.support.AopUtils;
import org.springframework.aop.support.NameMatchMethodPointcutAdvisor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

/** DataSource beans that are proxies already, or that choose among others. */
class GuardedConnectionsTests {
    private final ApplicationContextRunner plain = new ApplicationContextRunner()
            .withConfiguration(
                    AutoConfigurations.of(ContextAutoConfiguration.class, ContextJdbcAutoConfiguration.class));

    private static HikariDataSource pool() {
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl("jdbc:h2:mem:connections");
        return pool;
    }

    private static DefaultAdvisorAutoProxyCreator aspects(boolean ofTheClass, boolean frozen) {
        return aspects(Ordered.HIGHEST_PRECEDENCE, ofTheClass, frozen);
    }

    private static DefaultAdvisorAutoProxyCreator aspects(int order, boolean ofTheClass, boolean frozen) {
        DefaultAdvisorAutoProxyCreator creator = new DefaultAdvisorAutoProxyCreator();
        creator.setOrder(order);
        creator.setProxyTargetClass(ofTheClass);
        creator.setFrozen(frozen);
        return creator;
    }

    private static Advisor counting(AtomicInteger calls) {
        NameMatchMethodPointcutAdvisor advisor = new NameMatchMethodPointcutAdvisor((MethodInterceptor) invocation -> {
            calls.incrementAndGet();
            return invocation.proceed();
        });
        advisor.setMappedName("getConnection");
        return advisor;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theProxyOfAnAspectKeepsTheClass(boolean frozen) {
        AtomicInteger calls = new AtomicInteger();
        plain.withBean(DefaultAdvisorAutoProxyCreator.class, () -> aspects(true, frozen))
                .withBean(Advisor.class, () -> counting(calls))
                .withBean(HikariDataSource.class, GuardedConnectionsTests::pool)
                .run(context -> {
                    HikariDataSource pool = context.getBean(HikariDataSource.class);
                    isGuarded(pool);
                    assertThat(calls).hasValue(1);
                    assertThat(AopUtils.isAopProxy(AopProxyUtils.getSingletonTarget(pool)))
                            .as("a proxy of a proxy")
                            .isEqualTo(frozen);
                    assertThat(GuardedConnections.behind(pool))
                            .isInstanceOf(HikariDataSource.class)
                            .satisfies(behind ->
                                    assertThat(AopUtils.isAopProxy(behind)).isFalse());
                });
    }

    @ParameterizedTest
    @CsvSource({"true, false", "true, true", "false, false"})
    void anAspectIsProxiedAroundAGuardedPool(boolean ofTheClass, boolean opaque) {
        AtomicInteger calls = new AtomicInteger();
        plain.withBean(DefaultAdvisorAutoProxyCreator.class, () -> {
                    DefaultAdvisorAutoProxyCreator creator = aspects(Ordered.LOWEST_PRECEDENCE, ofTheClass, false);
                    creator.setOpaque(opaque);
                    return creator;
                })
                .withBean(Advisor.class, () -> counting(calls))
                .withBean("pool", HikariDataSource.class, GuardedConnectionsTests::pool)
                .run(context -> {
                    DataSource pool = context.getBean("pool", DataSource.class);
                    assertThat(pool)
                            .isInstanceOf(ofTheClass ? GuardedHikariDataSource.class : HikariConfigMXBean.class);
                    assertThat(AopUtils.isAopProxy(pool)).isTrue();
                    isGuarded(pool);
                    assertThat(calls).hasValue(1);
                    assertThat(GuardedConnections.comeFrom(pool)).isTrue();
                    assertThat(GuardedConnections.behind(pool)).hasSameClassAs(new HikariDataSource());
                    assertThat(((HikariConfigMXBean) pool).getPoolName()).startsWith("HikariPool-");
                });
    }

    @Test
    void theProxyOfAnAspectByInterfacesIsGuarded() {
        AtomicInteger calls = new AtomicInteger();
        plain.withBean(DefaultAdvisorAutoProxyCreator.class, () -> aspects(false, false))
                .withBean(Advisor.class, () -> counting(calls))
                .withBean(DataSource.class, () -> h2())
                .run(context -> {
                    isGuarded(context.getBean(DataSource.class));
                    assertThat(calls).hasValue(1);
                });
    }

    static class Routing extends AbstractRoutingDataSource {
        @Override
        protected @Nullable Object determineCurrentLookupKey() {
            return "none";
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Routes {
        @Bean
        DataSource pool() {
            return h2();
        }

        @Bean
        DataSource neverInitialized() {
            return new Routing() {
                @Override
                public void afterPropertiesSet() {}

                @Override
                protected DataSource determineTargetDataSource() {
                    return h2();
                }
            };
        }

        @Bean
        DataSource poolsMadeAtRunTime(DataSource pool) {
            Routing routing = new Routing() {
                @Override
                protected DataSource determineTargetDataSource() {
                    return h2();
                }
            };
            routing.setTargetDataSources(Map.of("pool", pool));
            return routing;
        }

        @Bean
        DataSource initializedLater() {
            Routing routing = new Routing() {
                @Override
                public void afterPropertiesSet() {}
            };
            routing.setTargetDataSources(Map.of("none", h2()));
            return routing;
        }

        @Bean
        DataSource onlyPools(DataSource pool) {
            Routing routing = new Routing();
            routing.setTargetDataSources(Map.of("none", pool));
            return routing;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"neverInitialized", "poolsMadeAtRunTime", "initializedLater", "onlyPools"})
    void whatRoutesToUnknownDataSourcesIsGuarded(String name) {
        plain.withUserConfiguration(Routes.class).run(context -> {
            context.getBean("initializedLater", Routing.class).initialize();
            isGuarded(context.getBean(name, DataSource.class));
            assertThat(AopUtils.isAopProxy(context.getBean(name))).isEqualTo(!name.equals("onlyPools"));
        });
    }
}
