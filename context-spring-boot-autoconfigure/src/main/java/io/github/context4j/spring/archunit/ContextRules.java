package io.github.context4j.spring.archunit;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.codeUnits;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaConstructor;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaParameterizedType;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.github.context4j.Context;
import java.lang.ref.Reference;
import java.lang.reflect.Parameter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

/**
 * What ArchUnit can find of the common mistakes with contexts, to be checked in the tests of an application:
 *
 * {@snippet :
 * @AnalyzeClasses(packagesOf = Application.class, importOptions = ImportOption.DoNotIncludeTests.class)
 * class ContextRulesTests {
 *     @ArchTest
 *     static final ArchTests contexts = ArchTests.in(ContextRules.class);
 * }
 * }
 */
public final class ContextRules {
    private static final Set<String> NO_VALUES = Set.of(
            "org.springframework.stereotype.Component",
            "jakarta.persistence.Entity",
            "jakarta.persistence.MappedSuperclass",
            "jakarta.persistence.Embeddable");

    private static final Set<String> NO_VALUE_TYPES =
            Set.of("org.springframework.data.repository.Repository", "javax.sql.DataSource");

    /** What only keeps what it is given; a function of contexts, or a supplier, keeps none. */
    private static final Set<Class<?>> HOLDERS = Set.of(
            Iterable.class,
            Map.class,
            Optional.class,
            ThreadLocal.class,
            AtomicReference.class,
            Reference.class,
            Future.class);

    /**
     * A context in a field is that of the first who came, with its deadline and its values, for all who come later; likewise in
     * an array, a collection or a {@code ThreadLocal}. Stricter than the warning at start-up, which leaves out final fields: a
     * context that is meant to stay, such as that of a worker's, is to be exempted by ArchUnit's means.
     */
    @ArchTest
    public static final ArchRule noContextInFields = noFields()
            .that()
            .doNotHaveModifier(JavaModifier.SYNTHETIC) // what an anonymous class has captured
            .should(ArchCondition.from(describe("keep a Context", ContextRules::keepsContext)))
            .allowEmptyShould(true)
            .because("a context belongs to a call: pass it on, or ask Context.current()");

    /** Contexts that somebody was still to decide on. */
    @ArchTest
    public static final ArchRule noTodoLeft = noClasses()
            .should()
            .accessTargetWhere(describe(
                    "it is Context.todo()",
                    access -> access.getTargetOwner().isEquivalentTo(Context.class)
                            && access.getName().equals("todo")))
            .allowEmptyShould(true)
            .because("Context.todo() marks what is still to be decided");

    /** As in Go: who reads a signature looks for it there. */
    @ArchTest
    public static final ArchRule contextIsTheFirstParameter = codeUnits()
            .that()
            .areDeclaredInClassesThat()
            .areNotAnnotations()
            .and()
            .doNotHaveModifier(JavaModifier.SYNTHETIC)
            .and(describe("choose their parameters", unit -> !isGiven(unit)))
            .should(new FirstParameter())
            .allowEmptyShould(true)
            .because("a context is a first parameter, and called ctx or context");

    /** What code cannot do without is a parameter; and a service or an entity is not the business of whoever reads values. */
    @ArchTest
    public static final ArchRule noServicesOrEntitiesAsValues = fields().that()
            .haveRawType(Context.Key.class)
            .should(new PlainValue())
            .allowEmptyShould(true)
            .because("values of contexts are data of the request, such as ids");

    private ContextRules() {}

    private static boolean keepsContext(JavaField field) {
        JavaClass type = field.getRawType().getBaseComponentType();
        Stream<JavaClass> kept = HOLDERS.stream().anyMatch(type::isAssignableTo)
                ? field.getType().getAllInvolvedRawTypes().stream()
                : Stream.of(type);
        return kept.anyMatch(each -> each.isAssignableTo(Context.class));
    }

    /** Whether somebody else decides on the parameters: the compiler, or whoever declared what is overridden. */
    private static boolean isGiven(JavaCodeUnit unit) {
        JavaClass owner = unit.getOwner();
        if (unit.isConstructor()) {
            return owner.isEnum() || owner.isInnerClass() || owner.isLocalClass() || owner.isAnonymousClass();
        }
        return Stream.concat(owner.getAllRawInterfaces().stream(), owner.getAllRawSuperclasses().stream())
                .flatMap(type -> type.getMethods().stream())
                .anyMatch(method -> method.getName().equals(unit.getName())
                        && method.getRawParameterTypes().size()
                                == unit.getRawParameterTypes().size());
    }

    private static final class FirstParameter extends ArchCondition<JavaCodeUnit> {
        FirstParameter() {
            super("have a Context as the first parameter only, called ctx or context");
        }

        @Override
        public void check(JavaCodeUnit unit, ConditionEvents events) {
            List<JavaClass> types = unit.getRawParameterTypes();
            for (int i = 0; i < types.size(); i++) {
                if (!types.get(i).isEquivalentTo(Context.class)) {
                    continue;
                }
                if (i > 0) {
                    events.add(SimpleConditionEvent.violated(
                            unit, unit.getFullName() + " has a Context as its parameter " + (i + 1)));
                }
                Parameter parameter = parameters(unit)[i];
                if (parameter.isNamePresent() && !Set.of("ctx", "context").contains(parameter.getName())) {
                    events.add(SimpleConditionEvent.violated(
                            unit, unit.getFullName() + " calls its Context " + parameter.getName()));
                }
            }
        }

        private static Parameter[] parameters(JavaCodeUnit unit) {
            return unit.isConstructor()
                    ? ((JavaConstructor) unit).reflect().getParameters()
                    : ((JavaMethod) unit).reflect().getParameters();
        }
    }

    private static final class PlainValue extends ArchCondition<JavaField> {
        PlainValue() {
            super("be keys of plain values");
        }

        @Override
        public void check(JavaField field, ConditionEvents events) {
            if (!(field.getType() instanceof JavaParameterizedType key)) {
                return;
            }
            for (JavaType value : key.getActualTypeArguments()) {
                value.getAllInvolvedRawTypes().stream()
                        .filter(PlainValue::isServiceOrEntity)
                        .map(type -> field.getFullName() + " is a key of a " + type.getFullName())
                        .forEach(wrong -> events.add(SimpleConditionEvent.violated(field, wrong)));
            }
        }

        /** Whether it is one, has one above it, or is an interface of the application's that one implements. */
        private static boolean isServiceOrEntity(JavaClass type) {
            Stream<JavaClass> related = Stream.of(
                            Stream.of(type),
                            type.getAllRawSuperclasses().stream(),
                            type.getAllRawInterfaces().stream(),
                            type.getAllSubclasses().stream()
                                    .filter(below -> !type.getPackageName().startsWith("java.")))
                    .flatMap(each -> each);
            return NO_VALUE_TYPES.stream().anyMatch(type::isAssignableTo) || related.anyMatch(PlainValue::isAnnotated);
        }

        private static boolean isAnnotated(JavaClass type) {
            return NO_VALUES.stream()
                    .anyMatch(annotation -> type.isAnnotatedWith(annotation) || type.isMetaAnnotatedWith(annotation));
        }
    }
}
