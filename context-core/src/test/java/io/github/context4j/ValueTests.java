package io.github.context4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

@SuppressWarnings("MustBeClosed")
final class ValueTests {
    private static final Context.Key<String> USER = Context.Key.named("user");
    private static final Context.Key<Integer> TENANT = Context.Key.named("tenant");

    @Test
    void isFoundHereAndBelow() {
        Context context = Context.background().withValue(USER, "ada");

        assertThat(context.get(USER)).isEqualTo("ada");
        assertThat(context.withCancel().withValue(TENANT, 7).withoutCancel().get(USER))
                .isEqualTo("ada");
    }

    @Test
    void isMissingAboveAndBeside() {
        Context parent = Context.background().withValue(USER, "ada");
        Context child = parent.withValue(TENANT, 7);

        assertThat(parent.get(TENANT)).isNull();
        assertThat(child.get(TENANT)).isEqualTo(7);
        assertThat(Context.background().get(USER)).isNull();
    }

    @Test
    void hidesTheOneAboveWithoutChangingIt() {
        Context outer = Context.background().withValue(USER, "ada");
        Context inner = outer.withCancel().withValue(USER, "grace");

        assertThat(inner.get(USER)).isEqualTo("grace");
        assertThat(outer.get(USER)).isEqualTo("ada");
    }

    @Test
    void isFoundByItsKeyAndNotByItsName() {
        Context.Key<String> sameName = Context.Key.named("user");
        Context context = Context.background().withValue(USER, "ada").withValue(sameName, "grace");

        assertThat(context.get(USER)).isEqualTo("ada");
        assertThat(context.get(sameName)).isEqualTo("grace");
        assertThat(sameName).isNotEqualTo(USER).hasToString("user");
    }

    @Test
    void isFoundAHundredLevelsUp() {
        Context context = Context.background().withValue(USER, "ada");
        for (int i = 0; i < 100; i++) {
            context = context.withValue(TENANT, i).withCancel();
        }

        assertThat(context.get(USER)).isEqualTo("ada");
        assertThat(context.get(TENANT)).isEqualTo(99);
        assertThat(context.get(Context.Key.<String>named("missing"))).isNull();
    }

    /** As a map would have it, however many there are and whatever is in between. */
    @Test
    void isTheNearestOfItsKeyInChainsOfAnyLength() {
        Random random = new Random(1);
        List<Context.Key<Integer>> keys = Stream.generate(() -> Context.Key.<Integer>named("key"))
                .limit(60)
                .toList();
        for (int length = 0; length < 200; length++) {
            Map<Context.Key<Integer>, Integer> expected = new HashMap<>();
            Context context = Context.background();
            for (int i = 0; i < length; i++) {
                Context.Key<Integer> key = keys.get(random.nextInt(keys.size()));
                expected.put(key, i);
                context = context.withValue(key, i);
                context = random.nextInt(5) == 0 ? context.withCancel() : context;
                context = random.nextInt(9) == 0 ? context.withoutCancel() : context;
            }
            for (Context.Key<Integer> key : keys) {
                assertThat(context.get(key)).isEqualTo(expected.get(key));
            }
        }
    }

    /** A loop that derives and derives: what it hides can go. */
    @Test
    void keepsNoIndexOfValuesThatAreHidden() {
        Context context = Context.background().withValue(USER, "ada");
        List<WeakReference<Object>> hidden = new ArrayList<>();
        Context.Key<Object> key = Context.Key.named("key");
        for (int i = 0; i < 10; i++) {
            for (int j = 0; j < 20; j++) {
                Object value = new Object();
                hidden.add(new WeakReference<>(value));
                context = context.withValue(key, value);
            }
        }

        Await.until(() -> {
            System.gc();
            return hidden.get(0).refersTo(null);
        });
        assertThat(context.get(USER)).isEqualTo("ada");
    }

    @Test
    void staysWhenItsContextIsDone() {
        CancelableContext context = Context.background().withValue(USER, "ada").withCancel();

        context.cancel();

        assertThat(context.get(USER)).isEqualTo("ada");
        assertThat(context.withValue(TENANT, 7).get(TENANT)).isEqualTo(7);
        assertThat(context.withValue(TENANT, 7).isDone()).isTrue();
    }

    @Test
    void costsItsParentNothing() {
        CancelableContext parent = Context.background().withCancel();

        for (int i = 0; i < 100; i++) {
            parent.withValue(TENANT, i);
        }

        assertThat(Links.of(parent)).isZero();
    }
}
