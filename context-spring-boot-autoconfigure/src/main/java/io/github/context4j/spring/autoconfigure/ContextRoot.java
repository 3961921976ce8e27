package io.github.context4j.spring.autoconfigure;

import io.github.context4j.Carrier;
import io.github.context4j.Context;
import io.github.context4j.spring.propagation.Carriers;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;

/** What all contexts of an application descend from: it never ends, and has the carrier of the application. */
final class ContextRoot {
    private ContextRoot() {}

    static Context of(ObjectProvider<Carrier> carriers) {
        List<Carrier> all = carriers.orderedStream().toList();
        return all.isEmpty() ? Context.background() : Context.background().withValue(Carrier.KEY, new Carriers(all));
    }
}
