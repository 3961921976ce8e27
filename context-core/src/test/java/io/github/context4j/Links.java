package io.github.context4j;

import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Looks at what a context holds on to. */
final class Links {
    private Links() {}

    /** How many children and listeners {@code context} has. */
    static int of(Context context) {
        CancelNode node = (CancelNode) context;
        synchronized (node) {
            return node.first instanceof Stripes stripes
                    ? Stream.of(stripes.stripes).mapToInt(Links::of).sum() + length(stripes.next)
                    : length(node.first);
        }
    }

    private static int of(Stripes.Stripe stripe) {
        synchronized (stripe) {
            return length(stripe.first);
        }
    }

    private static int length(@Nullable Link first) {
        int length = 0;
        for (Link link = first; link != null; link = link.next) {
            length++;
        }
        return length;
    }
}
