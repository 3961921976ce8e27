package io.github.context4j.spring;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The directions of docs/design.md. */
@AnalyzeClasses(packages = "io.github.context4j", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTests {
    private static final String CORE = "io.github.context4j";
    private static final String HUB = "io.github.context4j.spring";
    private static final String WIRING = "io.github.context4j.spring.autoconfigure";

    @ArchTest
    static final ArchRule coreSeesTheJdkAndAnnotationsOnly = classes()
            .that()
            .resideInAPackage(CORE)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(CORE, "java..", "org.jspecify.annotations", "com.google.errorprone.annotations..");

    @ArchTest
    static final ArchRule hubSeesCoreOnly = classes()
            .that()
            .resideInAPackage(HUB)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(CORE, HUB, "java..", "org.jspecify.annotations", "com.google.errorprone.annotations..");

    @ArchTest
    static final ArchRule featuresDoNotSeeEachOther = slices().matching("io.github.context4j.spring.(*)..")
            .should()
            .notDependOnEachOther()
            .ignoreDependency(resideInAPackage(WIRING), alwaysTrue());

    @ArchTest
    static final ArchRule nobodySeesTheWiring = noClasses()
            .that()
            .resideOutsideOfPackage(WIRING)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(WIRING);

    @ArchTest
    static final ArchRule jdbcImportsNoSpring = noClasses()
            .that()
            .resideInAPackage(HUB + ".jdbc")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.springframework..");

    @ArchTest
    static final ArchRule jdbcTypesOnlyInJdbc = noClasses()
            .that(not(resideInAnyPackage(HUB + ".jdbc..", WIRING)))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.sql..", "javax.sql..", "org.postgresql..");

    @ArchTest
    static final ArchRule proxiesOnlyInAopAndRetry = noClasses()
            .that(not(resideInAnyPackage(HUB + ".aop", HUB + ".retry", WIRING)))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.springframework.aop..", "org.aopalliance..");

    @ArchTest
    static final ArchRule servletTypesOnlyInWeb = noClasses()
            .that(not(resideInAnyPackage(HUB + ".web..", HUB + ".observation", WIRING)))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("jakarta.servlet..");

    @ArchTest
    static final ArchRule micrometerOnlyWhereItIsToldOrCarries = noClasses()
            .that(not(resideInAnyPackage(HUB + ".metrics..", HUB + ".observation", HUB + ".propagation..", WIRING)))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.micrometer..");

    @ArchTest
    static final ArchRule logbackOnlyInPropagation = noClasses()
            .that(not(resideInAnyPackage(HUB + ".propagation", WIRING)))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("ch.qos.logback..");

    @ArchTest
    static final ArchRule httpClientsOnlyInClient = noClasses()
            .that(not(resideInAnyPackage(HUB + ".client", HUB + ".observation", WIRING)))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.apache.hc..",
                    "org.eclipse.jetty.client..",
                    "reactor..",
                    "io.netty..",
                    "org.springframework.http.client..",
                    "org.springframework.boot.http.client..");

    @ArchTest
    static final ArchRule grpcTypesOnlyInGrpc = noClasses()
            .that(not(resideInAnyPackage(HUB + ".grpc", WIRING)))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.grpc..");

    @ArchTest
    static final ArchRule springGrpcOnlyInTheWiring = noClasses()
            .that()
            .resideOutsideOfPackage(WIRING)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.springframework.grpc..", "org.springframework.boot.grpc..");

    @ArchTest
    static final ArchRule containersOnlyInTheirOwnPackages = noClasses()
            .that(not(resideInAnyPackage(HUB + ".web.tomcat..", WIRING)))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.tomcat..", "org.apache.coyote..", "org.apache.catalina..");

    @ArchTest
    static final ArchRule onlyTheirOwnWiringNamesTheContainerPackages = noClasses()
            .that(not(resideInAPackage(HUB + ".web.tomcat..")))
            .and()
            .haveSimpleNameNotStartingWith("Tomcat")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(HUB + ".web.tomcat..");
}
