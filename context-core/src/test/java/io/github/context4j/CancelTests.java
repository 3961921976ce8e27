package io.github.context4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

@SuppressWarnings({"MustBeClosed", "NullAway"}) // a null fails the test
final class CancelTests {
    private static final Context.Key<String> KEY = Context.Key.named("key");

    private final CancelableContext parent = Context.background().withCancel();

    @Test
    void isActiveUntilItIsCanceled() {
        assertActive(parent);

        assertThat(parent.cancel()).isTrue();

        assertThat(parent.state()).isEqualTo(Context.State.CANCELED);
        assertThat(parent.isDone()).isTrue();
        assertThat(parent.cause()).isInstanceOf(CanceledException.class).hasMessage("context canceled");
        assertThat(parent.exception()).isInstanceOf(CanceledException.class).hasMessage("context canceled");
        assertThatThrownBy(parent::throwIfDone)
                .isInstanceOf(CanceledException.class)
                .hasNoCause();
    }

    @Test
    void keepsTheFirstCause() {
        Exception first = new Exception("first");

        assertThat(parent.cancel(first)).isTrue();
        assertThat(parent.cancel(new Exception("second"))).isFalse();
        assertThat(parent.cancel()).isFalse();
        parent.close();

        assertThat(parent.cause()).isSameAs(first);
        assertThat(parent.exception()).hasMessage("context canceled: first").hasCause(first);
    }

    @Test
    void namesTheClassOfACauseWithoutMessage() {
        parent.cancel(new IllegalStateException());

        assertThat(parent.exception()).hasMessage("context canceled: java.lang.IllegalStateException");
    }

    @Test
    void throwsAFreshExceptionEachTime() {
        parent.cancel();

        assertThat(parent.exception()).isNotSameAs(parent.exception());
        assertThat(parent.cause()).isSameAs(parent.cause());
        assertThat(parent.exception().getStackTrace()[0].getClassName()).startsWith("io.github.context4j");
    }

    @Test
    void sharesADefaultCauseThatCannotGrow() {
        parent.cancel();
        Throwable cause = parent.cause();

        cause.addSuppressed(new Exception("stray"));

        assertThat(cause.getSuppressed()).isEmpty();
        assertThat(cause.getStackTrace()).isEmpty();
    }

    @Test
    void endsItsDescendantsWithItsCause() {
        Exception why = new Exception("why");
        Context child = parent.withCancel();
        Context grandchild = child.withValue(KEY, "value").withCancel().withValue(KEY, "other");

        parent.cancel(why);

        assertThat(child.cause()).isSameAs(why);
        assertThat(grandchild.cause()).isSameAs(why);
        assertThat(grandchild.exception()).isInstanceOf(CanceledException.class).hasCause(why);
    }

    @Test
    void leavesParentAndSiblingsAlone() {
        CancelableContext child = parent.withCancel();
        CancelableContext sibling = parent.withCancel();

        child.cancel(new Exception("child"));

        assertActive(parent);
        assertActive(sibling);
    }

    @Test
    void leavesADescendantThatEndedBeforeWithItsOwnCause() {
        Exception own = new Exception("own");
        CancelableContext child = parent.withCancel();
        child.cancel(own);

        parent.cancel(new Exception("parent's"));

        assertThat(child.cause()).isSameAs(own);
    }

    @Test
    void makesADoneChildWhereTheParentIsDone() {
        Exception why = new Exception("why");
        parent.cancel(why);

        CancelableContext child = parent.withValue(KEY, "value").withCancel();

        assertThat(child.cause()).isSameAs(why);
        assertThat(child.cancel(new Exception("late"))).isFalse();
        assertThat(child.cause()).isSameAs(why);
    }

    @Test
    void isEndedByCloseWithoutFailure() {
        try (CancelableContext child = parent.withCancel()) {
            assertActive(child);
            parent.close();
            assertThat(child.cause()).hasMessage("context closed");
        }
        parent.close();

        assertThat(parent.state()).isEqualTo(Context.State.CANCELED);
        assertThat(parent.cause()).isInstanceOf(CanceledException.class).hasMessage("context closed");
        assertThat(parent.exception()).hasMessage("context closed").hasNoCause();
        assertThat(parent.cancel()).isFalse();
    }

    @Test
    void endsWhatIsBehindAWithoutCancelOnlyOnItsOwn() {
        Context detached = parent.withValue(KEY, "value").withoutCancel();
        CancelableContext below = detached.withCancel();

        parent.cancel();

        assertActive(detached);
        assertActive(below);
        assertThat(below.get(KEY)).isEqualTo("value");
        assertThat(below.cancel()).isTrue();
        assertActive(detached);
    }

    @Test
    void keepsWithoutCancelActiveUnderAParentThatIsDone() {
        parent.cancel();

        assertActive(parent.withoutCancel());
        assertActive(parent.withoutCancel().withCancel());
    }

    @Test
    void saysItsStateInWords() {
        assertThat(parent).hasToString("Context[ACTIVE]");
        assertThat(parent.withValue(KEY, "secret")).hasToString("Context[value of key, ACTIVE]");
        assertThat(parent.withoutCancel()).hasToString("Context[withoutCancel]");
        parent.cancel();
        assertThat(parent).hasToString("Context[CANCELED]");
    }

    private static void assertActive(Context context) {
        assertThat(context.state()).isEqualTo(Context.State.ACTIVE);
        assertThat(context.isDone()).isFalse();
        assertThat(context.cause()).isNull();
        assertThat(context.exception()).isNull();
        context.throwIfDone();
    }
}
