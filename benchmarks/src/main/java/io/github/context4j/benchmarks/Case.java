package io.github.context4j.benchmarks;

import java.util.Locale;

/**
 * One benchmark with its parameter, whoever is measured.
 *
 * @param topic the class around those of the peers
 * @param method the benchmark
 * @param parameter its parameter, empty if it has none
 * @param value of the parameter
 * @param threads how many run it at once
 * @param virtual whether these are virtual threads
 */
record Case(Class<?> topic, String method, String parameter, String value, int threads, boolean virtual) {
    static Case of(Class<?> topic, String method) {
        return of(topic, method, "", "");
    }

    static Case of(Class<?> topic, String method, String parameter, Object value) {
        return new Case(topic, method, parameter, value.toString(), 1, false);
    }

    Case onTwoThreads() {
        return new Case(topic, method, parameter, value, 2, virtual);
    }

    Case onAVirtualThread() {
        return new Case(topic, method, parameter, value, threads, true);
    }

    /** The first JDK that can run it. */
    int since() {
        return virtual ? 21 : 17;
    }

    /** For people. */
    String name() {
        return topic.getSimpleName() + "." + method + (value.isEmpty() ? "" : " " + value)
                + (threads == 1 ? "" : ", " + threads + " threads") + (virtual ? ", virtual" : "");
    }

    String javaName(Peer peer) {
        return topic.getName() + "." + peer.className + "." + method;
    }

    String goName() {
        String name = "Benchmark" + method.substring(0, 1).toUpperCase(Locale.ROOT) + method.substring(1);
        return value.isEmpty() ? name : name + "/" + value;
    }
}
