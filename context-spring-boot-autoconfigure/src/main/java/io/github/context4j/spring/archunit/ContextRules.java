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
import java.lang.reflect.Parameter;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What ArchUnit can find of the common mistakes with contexts, to be checked in the tests of an application:
 *
 * {@snippet :
 * @AnalyzeClasses(packagesOf = Application.class, importOptions = ImportOption.DoNotIncludeTests.class)
 * static class ContextRulesTests {
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

    /** A context in a field is that of the first who came, with its deadline and its values, for all who come later. */
    @ArchTest
    public static final ArchRule noContextInFields = noFields()
            .that()
            .doNotHaveModifier(JavaModifier.SYNTHETIC) // what an anonymous class has captured
            .should()
            .haveRawType(describe("a Context", type -> type.isAssignableTo(Context.class)))
            .allowEmptyShould(true)
            .because("a context belongs to a call: pass it on, or ask Context.current()");

    /** Contexts that somebody was still to decide on. */
    @ArchTest
    public static final ArchRule noTodoLeft = noClasses()
            .should()
            .callMethod(Context.class, "todo")
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
                JavaClass type = value.toErasure();
                boolean wrong = NO_VALUES.stream()
                        .anyMatch(
                                annotation -> type.isAnnotatedWith(annotation) || type.isMetaAnnotatedWith(annotation));
                if (wrong) {
                    events.add(SimpleConditionEvent.violated(
                            field, field.getFullName() + " is a key of a " + type.getFullName()));
                }
            }
        }
    }
}
