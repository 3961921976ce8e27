package io.github.context4j.spring;

import static java.util.Objects.requireNonNull;

import io.github.context4j.Context;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The values of contexts that travel from service to service in the W3C's header {@code baggage}: those whose names
 * {@code context.propagation.keys} declares, and no others. They are strings. Thread-safe.
 */
public final class PropagatedValues {
    /** The name of the header. */
    public static final String HEADER = "baggage";

    /** What the recommendation has everybody pass on: so much of all headers together, and so many members. */
    static final int MAX_LENGTH = 8_192;

    static final int MAX_MEMBERS = 64;

    private static final System.Logger logger = System.getLogger(PropagatedValues.class.getName());

    private final Map<String, Context.Key<String>> keys = new ConcurrentHashMap<>();
    private final List<String> names;
    private final boolean switchedOff;

    /** @param names of the values, tokens of RFC 9110; case matters */
    public PropagatedValues(Collection<String> names) {
        this(names, false);
    }

    private PropagatedValues(Collection<String> names, boolean switchedOff) {
        this.names = List.copyOf(names);
        this.switchedOff = switchedOff;
        this.names.forEach(name -> keys.put(name, Context.Key.named(name)));
    }

    /** What callers get where the library is switched off: every name is known, and nothing travels. */
    public static PropagatedValues switchedOff() {
        return new PropagatedValues(List.of(), true);
    }

    /**
     * The key of the value of that name, the same each time.
     *
     * @throws IllegalArgumentException if {@code context.propagation.keys} does not declare it
     */
    public Context.Key<String> key(String name) {
        requireNonNull(name, "name");
        if (switchedOff) {
            return keys.computeIfAbsent(name, Context.Key::named);
        }
        Context.Key<String> key = keys.get(name);
        if (key == null) {
            throw new IllegalArgumentException(
                    "name: " + name + " (expected: one of context.propagation.keys: " + names + ")");
        }
        return key;
    }

    /** Whether there is nothing to read or write. */
    public boolean isEmpty() {
        return names.isEmpty();
    }

    /**
     * Derives a context with what {@code headers} say of the declared values; the first holds. Anybody may write there: what
     * is not written as it should be, or beyond the limits, is ignored. Never throws.
     */
    public Context read(Iterable<String> headers, Context parent) {
        if (isEmpty()) {
            return parent;
        }
        Context context = parent;
        Set<String> seen = new HashSet<>();
        int length = 0;
        int members = 0;
        for (String header : headers) {
            length += header.length();
            if (length > MAX_LENGTH) {
                break;
            }
            for (String member : header.split(",", MAX_MEMBERS + 1)) {
                if (++members > MAX_MEMBERS) {
                    return context;
                }
                context = read(member, context, seen);
            }
        }
        return context;
    }

    private Context read(String member, Context context, Set<String> seen) {
        int equals = member.indexOf('=');
        String name = equals < 0 ? "" : member.substring(0, equals).strip();
        Context.Key<String> key = keys.get(name);
        if (key == null) {
            return context;
        }
        int properties = member.indexOf(';', equals);
        String encoded = member.substring(equals + 1, properties < 0 ? member.length() : properties);
        String value = Baggage.decode(encoded.strip());
        return value == null || !seen.add(name) ? context : context.withValue(key, value);
    }

    /**
     * What to add to the header for the declared values that {@code context} has, empty if there is nothing to add. What is
     * there already, by a tracer or the application, stays; a value that there is no room for is left out.
     *
     * @param existing values of the header
     */
    public String write(Context context, List<String> existing) {
        String present = String.join(",", existing);
        int members = present.isEmpty() ? 0 : present.split(",", -1).length;
        StringBuilder added = new StringBuilder();
        for (String name : names) {
            String value = context.get(key(name));
            if (value == null || has(present, name)) {
                continue;
            }
            String member = name + "=" + Baggage.encode(value);
            if (members == MAX_MEMBERS || present.length() + added.length() + member.length() + 2 > MAX_LENGTH) {
                logger.log(System.Logger.Level.DEBUG, "No room in the baggage for {0}", name);
                continue;
            }
            added.append(added.isEmpty() ? "" : ",").append(member);
            members++;
        }
        return added.toString();
    }

    private static boolean has(String present, String name) {
        for (String member : present.split(",", -1)) {
            if (member.split("[=;]", 2)[0].strip().equals(name)) {
                return true;
            }
        }
        return false;
    }
}
