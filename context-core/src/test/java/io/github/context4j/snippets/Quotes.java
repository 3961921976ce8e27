package io.github.context4j.snippets;

import static java.time.Duration.ofMillis;

import io.github.context4j.Context;
import io.github.context4j.DeadlineExceededException;

// @start region="quotes"
/** Asks a partner for a price, and takes the one on the list if the partner is slow. */
record Quotes(Partner partner) {
    interface Partner {
        String ask() throws InterruptedException;
    }

    String quote() throws InterruptedException {
        Context ctx = Context.current();
        try {
            return ctx.callWithin(ofMillis(200), () -> Context.current().interruptibly(partner::ask));
        } catch (DeadlineExceededException slow) {
            ctx.throwIfDone(); // the caller's own deadline: nobody waits for a price any more
            return "as listed";
        }
    }
}
// @end
