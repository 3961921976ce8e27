package io.github.context4j;

import static java.time.Duration.ofHours;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What live contexts keep in memory, by the virtual machine's own histogram of live objects. */
@SuppressWarnings("MustBeClosed")
@Timeout(120)
final class MemoryTests {
    private static final int COUNT = 20_000;
    /** Rank, instances, bytes, class. */
    private static final Pattern ROW = Pattern.compile("^\\s*\\d+:\\s+\\d+\\s+(?<bytes>\\d+)\\s+(?<class>\\S+)");

    private static final Context.Key<String> USER = Context.Key.named("user");

    /** A context to cancel, a time-out under it, a value on top: with the timer, under a parent that all share. */
    @Test
    void ofALiveRequestIsLessThan250Bytes() throws Exception {
        CancelableContext server = Context.background().withCancel();
        Context[] requests = new Context[COUNT];
        Map<String, Long> before = liveBytes();

        for (int i = 0; i < COUNT; i++) {
            requests[i] = server.withCancel().withTimeout(ofHours(1)).withValue(USER, "ada");
        }

        Map<String, Long> grown = minus(liveBytes(), before);
        assertThat(Arrays.stream(requests)).noneMatch(Context::isDone);
        assertThat(grown.values().stream().mapToLong(bytes -> bytes).sum() / COUNT)
                .as("bytes for each request: %s", grown)
                .isBetween(3 * 16L, 249L); // three objects at least, or nothing was measured
        server.close();
    }

    /** As above, of what has ended: however many there were, nothing of them is left, also in the lists and timers. */
    @Test
    void ofRequestsThatHaveEndedIsNothing() throws Exception {
        CancelableContext server = Context.background().withCancel();
        endRequests(server, COUNT); // whatever grows once has grown
        Map<String, Long> before = liveBytes();

        endRequests(server, COUNT);

        Map<String, Long> grown = minus(liveBytes(), before);
        assertThat(grown.values().stream().mapToLong(bytes -> bytes).sum())
                .as("bytes: %s", grown)
                .isLessThan(COUNT); // not a byte for each
        assertThat(server.isDone()).isFalse();
    }

    private static void endRequests(Context server, int count) {
        for (int i = 0; i < count; i++) {
            try (CancelableContext request = server.withCancel();
                    CancelableContext timed = request.withTimeout(ofHours(1))) {
                timed.onDone(() -> {}, Runnable::run);
                request.onDone(() -> {}, Runnable::run);
                timed.withValue(USER, "ada").withoutCancel().get(USER);
            }
        }
    }

    /** Bytes of live objects by class. */
    private static Map<String, Long> liveBytes() throws JMException {
        String histogram = (String) ManagementFactory.getPlatformMBeanServer()
                .invoke(
                        new ObjectName("com.sun.management:type=DiagnosticCommand"),
                        "gcClassHistogram",
                        new Object[] {new String[0]},
                        new String[] {String[].class.getName()});
        Map<String, Long> bytes = new TreeMap<>();
        histogram.lines().map(ROW::matcher).filter(Matcher::find).forEach(row -> {
            if (isCounted(row.group("class"))) {
                bytes.merge(row.group("class"), Long.parseLong(row.group("bytes")), Long::sum);
            }
        });
        return bytes;
    }

    /** What contexts are made of, or could be; but no strings and numbers, and no trees, which the histograms are kept in. */
    private static boolean isCounted(String className) {
        if (className.startsWith("java.util.TreeMap")) {
            return false;
        }
        return className.startsWith("io.github.context4j.")
                || className.startsWith("[Lio.github.context4j.")
                || className.startsWith("java.util.")
                || className.startsWith("[Ljava.util.")
                || className.startsWith("[Ljava.lang.Object;")
                || className.startsWith("java.lang.ref.")
                || className.startsWith("java.time.");
    }

    private static Map<String, Long> minus(Map<String, Long> after, Map<String, Long> before) {
        Map<String, Long> grown = new TreeMap<>();
        after.forEach((name, bytes) -> {
            long more = bytes - before.getOrDefault(name, 0L);
            if (more != 0) {
                grown.put(name, more);
            }
        });
        return grown;
    }
}
