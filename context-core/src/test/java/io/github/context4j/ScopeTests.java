package io.github.context4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.Context.Scope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("MustBeClosed")
final class ScopeTests {
    private final Context a = Context.background().withCancel();
    private final Context b = Context.background().withCancel();
    private final Context c = Context.background().withCancel();
    private final Warnings warnings = Warnings.record();

    @BeforeEach
    void startsWithNothing() {
        assertThat(CurrentContext.get()).isNull();
    }

    @AfterEach
    void leavesNothingCurrentOnTheThread() {
        warnings.close();
        assertThat(CurrentContext.get()).isNull();
    }

    @Test
    void keepsAContextCurrentUntilItIsClosed() {
        try (Scope outer = a.makeCurrent()) {
            try (Scope inner = b.makeCurrent()) {
                assertThat(Context.current()).isSameAs(b);
                inner.close();
                assertThat(Context.current()).isSameAs(a);
            }
            assertThat(Context.current()).isSameAs(a);
            try (Scope background = Context.background().makeCurrent()) {
                assertThat(Context.current()).isSameAs(Context.background());
                background.close();
            }
            outer.close();
        }
        assertThat(warnings.messages()).isEmpty();
    }

    @Test
    void nestsWithCalls() {
        try (Scope outer = a.makeCurrent()) {
            b.run(() -> {
                try (Scope inner = c.makeCurrent()) {
                    assertThat(Context.current()).isSameAs(c);
                    inner.close();
                }
                assertThat(Context.current()).isSameAs(b);
            });
            assertThat(Context.current()).isSameAs(a);
            outer.close();
        }
        assertThat(warnings.messages()).isEmpty();
    }

    @Test
    void closesTheScopesInsideItToo() {
        Scope outer = a.makeCurrent();
        Scope middle = b.makeCurrent();
        Scope inner = c.makeCurrent();

        outer.close();
        assertThat(CurrentContext.get()).isNull();
        assertThat(warnings.messages())
                .hasSize(2)
                .allMatch(message -> message.contains("before a scope that was opened inside it"));
        inner.close();
        middle.close();

        assertThat(CurrentContext.get()).isNull();
        assertThat(warnings.messages()).hasSize(2);
    }

    @Test
    void leavesTheScopesAroundItAsTheyAreWhenOutOfOrder() {
        try (Scope outermost = c.makeCurrent()) {
            Scope outer = a.makeCurrent();
            Scope inner = b.makeCurrent();
            outer.close();
            inner.close();

            assertThat(Context.current()).isSameAs(c);
            outermost.close();
        }
        assertThat(warnings.messages()).hasSize(1);
    }

    @Test
    void changesNothingWhenClosedOnAnotherThread() throws Exception {
        Scope scope = a.makeCurrent();
        Thread other = new Thread(
                () -> b.run(() -> {
                    scope.close();
                    assertThat(Context.current()).isSameAs(b);
                }),
                "the other");
        other.start();
        other.join();

        assertThat(warnings.messages())
                .singleElement()
                .asString()
                .contains("on thread the other, but was opened on "
                        + Thread.currentThread().getName());
        assertThat(Context.current()).isSameAs(a);
        scope.close();

        assertThat(warnings.messages()).hasSize(1);
    }

    @Test
    void restoresNothingWhileAContextIsCurrentThatItDoesNotKnow() {
        Scope forgotten = a.makeCurrent();
        CurrentContext.exchange(null);
        b.run(() -> {
            forgotten.close();
            assertThat(Context.current()).isSameAs(b);
        });

        assertThat(warnings.messages()).singleElement().asString().contains("while another context was current");
    }

    @Test
    void isPutRightByTheCallAroundItWhenForgotten() {
        a.run(() -> {
            Scope forgotten = b.makeCurrent();
            assertThat(forgotten).isNotNull();
        });
        assertThat(CurrentContext.get()).isNull();

        try (Scope scope = c.makeCurrent()) {
            assertThat(Context.current()).isSameAs(c);
            scope.close();
        }
        assertThat(warnings.messages()).isEmpty();
    }
}
