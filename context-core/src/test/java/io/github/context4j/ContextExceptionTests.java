package io.github.context4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@SuppressWarnings({"MustBeClosed", "NullAway"}) // a null fails the test
final class ContextExceptionTests {
    private final ContextException canceled = canceled();

    private static ContextException canceled() {
        CancelableContext context = Context.background().withCancel();
        context.cancel();
        return context.exception();
    }

    @Test
    void isFoundInACauseChain() {
        assertThat(ContextException.in(canceled)).isSameAs(canceled);
        assertThat(ContextException.in(new RuntimeException(new IOException(canceled))))
                .isSameAs(canceled);
        assertThat(ContextException.in(new IOException("another"))).isNull();
    }

    @Test
    void isTheOutermostOfSeveral() {
        CancelableContext outer = Context.background().withTimeout(Duration.ZERO, new RuntimeException(canceled));

        ContextException found = ContextException.in(new IOException(outer.exception()));

        assertThat(found).isInstanceOf(DeadlineExceededException.class).hasRootCause(canceled);
    }

    @Test
    @Timeout(value = 10, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void isNotLookedForForeverInACycle() {
        Exception a = new Exception("a");
        Exception b = new Exception("b", a);
        a.initCause(b);

        assertThat(ContextException.in(a)).isNull();
    }
}
