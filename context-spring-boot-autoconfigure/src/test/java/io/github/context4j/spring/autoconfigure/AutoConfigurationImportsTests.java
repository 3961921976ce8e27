package io.github.context4j.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.core.ResolvableType;

class AutoConfigurationImportsTests {
    private static final String IMPORTS =
            "/META-INF/spring/org.springframework.boot.autoconfigure.AutoConfiguration.imports";

    @Test
    void importsListExactlyTheAnnotatedClassesInOrder() throws IOException {
        List<String> annotated = classes()
                .filter(type -> type.isAnnotatedWith(AutoConfiguration.class))
                .map(JavaClass::getName)
                .sorted()
                .toList();

        assertThat(annotated).isNotEmpty();
        assertThat(imports()).containsExactlyElementsOf(annotated);
    }

    /** By its name Spring finds a bean at once, by its type alone it looks through all that there are. */
    @Test
    void whatTakesABeanOfTheLibraryHasItsName() {
        List<Method> beans = classes()
                .flatMap(type -> type.getMethods().stream())
                .filter(method -> method.isAnnotatedWith(Bean.class))
                .map(JavaMethod::reflect)
                .toList();
        Map<Class<?>, String> names = beans.stream()
                .filter(bean -> bean.getReturnType().getName().startsWith("io.github.context4j."))
                .collect(Collectors.toMap(Method::getReturnType, Method::getName, (one, other) -> one));

        Map<String, String> taken = new TreeMap<>();
        for (Method bean : beans) {
            for (Parameter parameter : bean.getParameters()) {
                ResolvableType type = ResolvableType.forType(parameter.getParameterizedType());
                Class<?> wanted = type.toClass() == ObjectProvider.class ? type.resolveGeneric(0) : type.toClass();
                if (names.containsKey(wanted)) {
                    taken.put(bean.getName() + ": " + parameter.getName(), names.get(wanted));
                }
            }
        }

        assertThat(taken).hasSizeGreaterThan(30).allSatisfy((where, name) -> assertThat(where)
                .endsWith(": " + name));
    }

    private static Stream<JavaClass> classes() {
        return new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("io.github.context4j").stream();
    }

    private static List<String> imports() throws IOException {
        try (InputStream in = ContextAutoConfiguration.class.getResourceAsStream(IMPORTS)) {
            assertThat(in).as(IMPORTS).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }
}
