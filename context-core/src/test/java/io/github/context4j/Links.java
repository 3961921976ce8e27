package io.github.context4j;

/** Looks at what a context holds on to. */
final class Links {
    private Links() {}

    /** How many children and listeners {@code context} has. */
    static int of(Context context) {
        CancelNode node = (CancelNode) context;
        int count = 0;
        synchronized (node) {
            for (Link link = node.first; link != null; link = link.next) {
                count++;
            }
        }
        return count;
    }
}
