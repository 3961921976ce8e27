package io.github.context4j.spring.web;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What ends the context of a request, by the settings and by the handler's annotations.
 *
 * @param timeout how long the request may take, null for no limit
 * @param cancelOnDisconnect whether the client cancels it by leaving
 * @param streaming whether the handler returns a body that it goes on writing, which no time-out may cut
 */
record RequestPolicy(@Nullable Duration timeout, boolean cancelOnDisconnect, boolean streaming) {}
