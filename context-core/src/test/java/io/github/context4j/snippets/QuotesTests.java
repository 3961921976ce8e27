package io.github.context4j.snippets;

import static java.time.Duration.ofMillis;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.context4j.CancelableContext;
import io.github.context4j.CanceledException;
import io.github.context4j.DeadlineExceededException;
import io.github.context4j.ManualTime;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How to test a time-out. */
@Timeout(20)
final class QuotesTests {
    // @start region="time passes"
    private final ManualTime time = new ManualTime();

    @Test
    void takesTheListedPriceWhenThePartnerIsSlow() throws Exception {
        Quotes quotes = new Quotes(() -> {
            time.advance(ofMillis(200)); // this is how long the partner takes
            return waitForever();
        });

        assertThat(time.root().call(quotes::quote)).isEqualTo("as listed");
    }

    @Test
    void takesThePartnersPriceWhenItComesInTime() throws Exception {
        Quotes quotes = new Quotes(() -> {
            time.advance(ofMillis(199));
            return "a bargain";
        });

        assertThat(time.root().call(quotes::quote)).isEqualTo("a bargain");
    }
    // @end

    // @start region="the caller's deadline"
    @Test
    void givesUpWhenTheCallerHasNoTimeLeft() {
        Quotes quotes = new Quotes(() -> {
            time.advance(ofMillis(100));
            return waitForever();
        });

        assertThatThrownBy(() -> time.root().callWithin(ofMillis(100), quotes::quote))
                .isInstanceOf(DeadlineExceededException.class);
    }
    // @end

    // @start region="in the middle of a wait"
    @Test
    void stopsWaitingWhenTheCallerLeaves() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        Quotes quotes = new Quotes(() -> {
            asked.countDown();
            return waitForever();
        });
        try (CancelableContext ctx = time.root().withCancel()) {
            FutureTask<String> quote = new FutureTask<>(ctx.wrap(quotes::quote));
            new Thread(quote).start();

            asked.await(); // not a sleep: from here on it waits, or is about to
            ctx.cancel();

            assertThatThrownBy(() -> quote.get(10, SECONDS)).hasCauseInstanceOf(CanceledException.class);
        }
    }
    // @end

    private static String waitForever() throws InterruptedException {
        new CountDownLatch(1).await();
        return "never";
    }
}
