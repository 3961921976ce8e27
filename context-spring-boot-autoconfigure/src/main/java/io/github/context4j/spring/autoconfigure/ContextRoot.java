package io.github.context4j.spring.autoconfigure;

import io.github.context4j.Carrier;
import io.github.context4j.Context;
import io.github.context4j.spring.Mode;
import io.github.context4j.spring.propagation.Carriers;
import io.github.context4j.spring.shutdown.ShutdownContexts;
import java.util.List;
import java.util.function.Supplier;
import org.springframework.beans.factory.ObjectProvider;

/** What all contexts of an application descend from: it never ends, and has the carrier of the application. */
final class ContextRoot {
    private ContextRoot() {}

    /** What requests descend from: where there is a shutdown that cancels, it does so through its grace context. */
    static Supplier<Context> ofRequests(
            Mode mode, ObjectProvider<ShutdownContexts> shutdown, ObjectProvider<Carrier> carriers) {
        ShutdownContexts contexts = shutdown.getIfAvailable();
        if (contexts != null && mode == Mode.ENFORCE) {
            return contexts::grace;
        }
        Context endless = of(carriers);
        return () -> endless;
    }

    static Context of(ObjectProvider<Carrier> carriers) {
        List<Carrier> all = carriers.orderedStream().toList();
        return all.isEmpty() ? Context.background() : Context.background().withValue(Carrier.KEY, new Carriers(all));
    }
}
