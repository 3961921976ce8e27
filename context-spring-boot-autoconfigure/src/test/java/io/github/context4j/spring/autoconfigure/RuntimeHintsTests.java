package io.github.context4j.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.context4j.spring.web.tomcat.WatchedHttp11NioProtocol;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcConnectionPool;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.TypeReference;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.beans.factory.aot.AotServices;
import org.springframework.beans.factory.aot.BeanRegistrationAotContribution;
import org.springframework.beans.factory.aot.BeanRegistrationAotProcessor;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.beans.factory.support.RegisteredBean;
import org.springframework.beans.factory.support.RootBeanDefinition;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class RuntimeHintsTests {
    private static final String CORE_METADATA =
            "META-INF/native-image/io.github.context4j/context-core/reachability-metadata.json";

    /** Each has a hint, or needs none. */
    private static final Set<String> KNOWN = Set.of(
            // In the reachability metadata of context-core.
            "LibraryExecutor: Class.forName",
            "LibraryExecutor: Class.getMethod",
            "LibraryExecutor: Method.invoke",
            // By constants, which native-image sees by itself.
            "Listener: MethodHandles$Lookup.findVarHandle",
            // In ContextRuntimeHints.
            "DependencyMethods: ClassUtils.isPresent",
            "GuardedConnections: ClassUtils.isPresent",
            "GuardedHikariDataSource: Class.getMethods",
            "ShutdownTimes: ClassUtils.isPresent",
            "Postgres: Class.forName",
            // By DataSourceProxyAotProcessor.
            "DataSourceProxies: ProxyFactory.getProxy",
            "DataSourceProxies: ProxyFactory.getProxyClass",
            "DataSourceProxies: ReflectionUtils.getAllDeclaredMethods",
            "GuardedConnections$Targets: ReflectionUtils.findMethod",
            // Of beans whose annotated methods have hints, as the annotation is @Reflective.
            "DependencyTypes: ReflectionUtils.getDeclaredMethods",
            // Left out where an application was prepared.
            "ContextFieldReport: ReflectionUtils.doWithLocalFields",
            // Classes that are named by class literals.
            "WatchedHttp11NioProtocol: MethodHandles$Lookup.ensureInitialized");

    private static final Pattern BY_REFLECTION_OR_NAME = Pattern.compile(
            "java\\.lang\\.Class\\.(forName|get(Declared)?(Method|Constructor|Field)s?|getResource.*)"
                    + "|java\\.lang\\.ClassLoader\\.(loadClass|getResource.*)|java\\.lang\\.reflect\\..*\\.(invoke|newInstance|newProxyInstance)"
                    + "|java\\.lang\\.invoke\\.MethodHandles\\$Lookup\\..*|java\\.util\\.ServiceLoader\\.load.*"
                    + "|org\\.springframework\\.util\\.ClassUtils\\.(isPresent|forName|resolveClassName|getMethod.*|getConstructor.*)"
                    + "|org\\.springframework\\.util\\.ReflectionUtils\\.(?!isObjectMethod).*"
                    + "|org\\.springframework\\.beans\\.BeanUtils\\..*|org\\.springframework\\.aop\\.framework\\.ProxyFactory\\.getProxy.*");

    private static RuntimeHints registered() {
        RuntimeHints hints = new RuntimeHints();
        new ContextRuntimeHints().registerHints(hints, RuntimeHintsTests.class.getClassLoader());
        return hints;
    }

    @Test
    void springFindsBoth() {
        assertThat(AotServices.factories().load(RuntimeHintsRegistrar.class))
                .hasAtLeastOneElementOfType(ContextRuntimeHints.class);
        assertThat(AotServices.factories().load(BeanRegistrationAotProcessor.class))
                .hasAtLeastOneElementOfType(DataSourceProxyAotProcessor.class);
    }

    @Test
    void tomcatCanMakeAndConfigureTheConnectorByName() throws Exception {
        RuntimeHints hints = registered();
        assertThat(RuntimeHintsPredicates.reflection()
                        .onConstructorInvocation(WatchedHttp11NioProtocol.class.getConstructor()))
                .accepts(hints);
        for (String type : List.of("WatchedHttp11NioProtocol", "WatchedNioEndpoint")) {
            assertThat(RuntimeHintsPredicates.reflection()
                            .onType(TypeReference.of(WatchedHttp11NioProtocol.class.getPackageName() + "." + type))
                            .withMemberCategory(MemberCategory.INVOKE_PUBLIC_METHODS))
                    .accepts(hints);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "com.zaxxer.hikari.HikariConfig",
                "com.zaxxer.hikari.HikariDataSource",
                "io.github.context4j.spring.autoconfigure.GuardedHikariDataSource",
                "org.postgresql.core.BaseConnection",
                "org.reactivestreams.Publisher",
                "org.springframework.boot.grpc.server.autoconfigure.GrpcServerProperties",
                "org.springframework.jdbc.datasource.DelegatingDataSource"
            })
    void whatIsOnTheClassPathIsFound(String type) {
        assertThat(RuntimeHintsPredicates.reflection().onType(TypeReference.of(type)))
                .accepts(registered());
    }

    /** If this fails, add what a native image has to be told of, and then the use to those that are known. */
    @Test
    void everyUseOfReflectionIsKnown() {
        Set<String> uses = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("io.github.context4j").stream()
                        .flatMap(type -> type.getCodeUnitCallsFromSelf().stream())
                        .filter(call -> BY_REFLECTION_OR_NAME
                                .matcher(call.getTargetOwner().getName() + "." + call.getName())
                                .matches())
                        .map(call -> simple(call.getOriginOwner().getName()) + ": "
                                + simple(call.getTargetOwner().getName()) + "." + call.getName())
                        .collect(Collectors.toCollection(TreeSet::new));
        assertThat(uses).containsExactlyInAnyOrderElementsOf(KNOWN);
    }

    private static String simple(String type) {
        return type.substring(type.lastIndexOf('.') + 1);
    }

    @Test
    void theCoreHasTheMethodsOfVirtualThreads() throws Exception {
        try (InputStream in = RuntimeHintsTests.class.getClassLoader().getResourceAsStream(CORE_METADATA)) {
            Map<String, Set<String>> methods = new TreeMap<>();
            for (JsonNode type : new JsonMapper().readTree(in).get("reflection")) {
                Set<String> names = methods.computeIfAbsent(type.get("type").asString(), name -> new TreeSet<>());
                for (JsonNode method : type.get("methods")) {
                    names.add(method.get("name").asString() + types(method.get("parameterTypes")));
                }
            }
            assertThat(methods)
                    .containsOnly(
                            Map.entry("java.lang.Thread", Set.of("ofVirtual[]")),
                            Map.entry(
                                    "java.lang.Thread$Builder",
                                    Set.of(
                                            "name[java.lang.String]",
                                            "inheritInheritableThreadLocals[boolean]",
                                            "factory[]")));
        }
    }

    private static List<String> types(JsonNode parameters) {
        return parameters.valueStream().map(JsonNode::asString).toList();
    }

    static class OwnPool extends HikariDataSource {}

    @Test
    void theClassOfADataSourcesProxyIsMadeAheadOfTime() {
        RuntimeHints hints = hintsFor(OwnPool.class);
        assertThat(RuntimeHintsPredicates.reflection().onType(HikariConfig.class))
                .accepts(hints);
        assertThat(hints.reflection().typeHints().map(hint -> hint.getType().getName()))
                .anyMatch(name -> name.startsWith(OwnPool.class.getName() + "$$SpringCGLIB$$"));
    }

    @Test
    void aFinalDataSourceThatIsDeclaredAsSuchHasNoProxy() {
        RuntimeHints hints = hintsFor(JdbcConnectionPool.class);
        assertThat(hints.proxies().jdkProxyHints()).isEmpty();
        assertThat(hints.reflection().typeHints().map(hint -> hint.getType().getName()))
                .containsExactly(JdbcConnectionPool.class.getName());
    }

    @Test
    void whatIsNotGuardedHasNoProxy() {
        DefaultListableBeanFactory beans = new DefaultListableBeanFactory();
        beans.registerBeanDefinition("dataSource", new RootBeanDefinition(OwnPool.class));
        assertThat(contribution(beans)).as("without the guard").isNull();
        beans.registerBeanDefinition("guard", new RootBeanDefinition(DataSourceGuardPostProcessor.class));
        assertThat(contribution(beans)).as("with the guard").isNotNull();
        beans.registerBeanDefinition("dataSource", new RootBeanDefinition(HikariDataSource.class));
        assertThat(contribution(beans)).as("its class is there").isNull();
        beans.registerBeanDefinition("dataSource", new RootBeanDefinition(Object.class));
        assertThat(contribution(beans)).as("no DataSource").isNull();
    }

    private static RuntimeHints hintsFor(Class<? extends DataSource> type) {
        RuntimeHints hints = new RuntimeHints();
        DataSourceProxyAotProcessor.register(type, hints);
        return hints;
    }

    private static @Nullable BeanRegistrationAotContribution contribution(DefaultListableBeanFactory beans) {
        return new DataSourceProxyAotProcessor().processAheadOfTime(RegisteredBean.of(beans, "dataSource"));
    }
}
