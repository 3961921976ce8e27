package io.github.context4j.spring.archunit;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.data.repository.Repository;
import org.springframework.stereotype.Service;

/** Each rule finds its mistake, and only that. */
@SuppressWarnings({"unused", "UnusedMethod", "UnusedVariable", "ClassCanBeStatic"})
class ContextRulesTests {
    record Tenant(String name) {}

    @Service
    static class Tenants {}

    static final class Good {
        static final Context.Key<Tenant> TENANT = Context.Key.named("tenant");
        static final Context.Key<String> ID = Context.Key.named("id");
        static final Context.Key<List<Map<String, Tenant>>> OTHERS = Context.Key.named("others");
        static final Supplier<Context> ASKED = Context::current;
        static final Map<String, String> NAMES = new HashMap<>();

        Good() {}

        static String find(Context ctx, long id) {
            Function<Context, String> elsewhere = other -> other.state() + " " + id;
            return elsewhere.apply(ctx);
        }
    }

    interface Visitor<T> {
        void visit(String name, T value);
    }

    enum GoodEnum {
        ONE(Context.background());

        GoodEnum(Context ctx) {
            ctx.state();
        }
    }

    static final class GoodVisitor implements Visitor<Context> {
        @Override
        public void visit(String name, Context value) {}
    }

    static final class GoodNests {
        final class Inner {
            Inner(Context ctx) {}
        }

        static final List<Class<?>> CAPTURING = capture(Context.background());

        static List<Class<?>> capture(Context ctx) {
            class Local {
                Context.State state() {
                    return ctx.state();
                }
            }
            Runnable anonymous = new Runnable() {
                @Override
                public void run() {
                    ctx.throwIfDone();
                }
            };
            anonymous.run();
            return List.of(Local.class, anonymous.getClass());
        }
    }

    static final class Held {
        Context kept = Context.background();
    }

    static final class HeldToo {
        @SuppressWarnings("MustBeClosed")
        final CancelableContext kept = Context.background().withCancel();
    }

    static final class Undecided {
        static String find() {
            return Context.todo().state().name();
        }
    }

    static final class Second {
        static String find(long id, Context ctx) {
            return ctx.state() + " " + id;
        }
    }

    static final class Otherwise {
        Otherwise(Context c) {}
    }

    static final class UndecidedToo {
        static final Supplier<Context> DECIDE = Context::todo;
    }

    static final class HeldByOthers {
        static final ThreadLocal<Context> LOCAL = new ThreadLocal<>();
        static final AtomicReference<CancelableContext> LAST = new AtomicReference<>();
        static final Map<String, List<Context>> ALL = new HashMap<>();
        static final Context[] SOME = {};
    }

    interface Finder {}

    @Service
    static class FinderService implements Finder {}

    static final class SpecialTenants extends Tenants {}

    interface TenantRepository extends Repository<Tenant, Long> {}

    static final class ServicesAsValues {
        static final Context.Key<Tenants> OWN = Context.Key.named("a");
        static final Context.Key<List<Tenants>> MANY = Context.Key.named("b");
        static final Context.Key<Tenants[]> SOME = Context.Key.named("c");
        static final Context.Key<Finder> IMPLEMENTED = Context.Key.named("d");
        static final Context.Key<SpecialTenants> BELOW = Context.Key.named("e");
        static final Context.Key<TenantRepository> REPOSITORY = Context.Key.named("f");
        static final Context.Key<DataSource> DATABASE = Context.Key.named("g");
    }

    private static List<String> found(ArchRule rule, Class<?> type) {
        return rule.evaluate(new ClassFileImporter().importClasses(with(type))).getFailureReport().getDetails().stream()
                .filter(detail -> detail.contains(type.getSimpleName()))
                .toList();
    }

    private static Set<Class<?>> with(Class<?> type) {
        Set<Class<?>> all = new HashSet<>(Set.of(
                type,
                Tenants.class,
                SpecialTenants.class,
                Tenant.class,
                TenantRepository.class,
                Finder.class,
                FinderService.class,
                Context.class,
                Visitor.class));
        all.addAll(List.of(type.getDeclaredClasses()));
        all.addAll(GoodNests.CAPTURING);
        return all;
    }

    @ParameterizedTest
    @ValueSource(classes = {Good.class, GoodEnum.class, GoodVisitor.class, GoodNests.class})
    void goodCodePasses(Class<?> type) {
        for (ArchRule rule : List.of(
                ContextRules.noContextInFields,
                ContextRules.noTodoLeft,
                ContextRules.contextIsTheFirstParameter,
                ContextRules.noServicesOrEntitiesAsValues)) {
            assertThat(found(rule, type)).as(rule.getDescription()).isEmpty();
        }
    }

    @Test
    void aContextInAFieldIsFound() {
        assertThat(found(ContextRules.noContextInFields, Held.class))
                .singleElement()
                .asString()
                .contains("kept");
        assertThat(found(ContextRules.noContextInFields, HeldToo.class)).hasSize(1);
    }

    @Test
    void aContextInWhatAFieldHoldsIsFound() {
        assertThat(found(ContextRules.noContextInFields, HeldByOthers.class))
                .hasSize(4)
                .anyMatch(detail -> detail.contains("LOCAL"))
                .anyMatch(detail -> detail.contains("LAST"))
                .anyMatch(detail -> detail.contains("ALL"))
                .anyMatch(detail -> detail.contains("SOME"));
    }

    @Test
    void aTodoIsFound() {
        assertThat(found(ContextRules.noTodoLeft, UndecidedToo.class)).hasSize(1);
        assertThat(found(ContextRules.noTodoLeft, Undecided.class))
                .singleElement()
                .asString()
                .contains("todo()");
    }

    @Test
    void aContextThatIsNotTheFirstParameterIsFound() {
        assertThat(found(ContextRules.contextIsTheFirstParameter, Second.class))
                .singleElement()
                .asString()
                .endsWith("has a Context as its parameter 2");
    }

    @Test
    void aContextOfAnotherNameIsFound() {
        assertThat(found(ContextRules.contextIsTheFirstParameter, Otherwise.class))
                .singleElement()
                .asString()
                .endsWith("calls its Context c");
    }

    @Test
    void aServiceAsAValueIsFound() {
        assertThat(found(ContextRules.noServicesOrEntitiesAsValues, ServicesAsValues.class))
                .hasSize(7)
                .allSatisfy(detail -> assertThat(detail)
                        .containsPattern("(OWN|MANY|SOME|IMPLEMENTED|BELOW|REPOSITORY|DATABASE) is a key of a "));
    }
}
