package io.github.context4j.spring.web;

import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodClassKey;
import org.springframework.core.MethodParameter;
import org.springframework.core.ReactiveAdapter;
import org.springframework.core.ReactiveAdapterRegistry;
import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.format.datetime.standard.DurationFormatterUtils;
import org.springframework.http.ResponseEntity;
import org.springframework.util.StringValueResolver;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.method.annotation.ResponseBodyEmitter;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/** What the annotations of handler methods say, read once for each. Thread-safe. */
public final class HandlerPolicies {
    private static final List<Class<?>> STREAMING = List.of(ResponseBodyEmitter.class, StreamingResponseBody.class);

    private final Map<MethodClassKey, Annotations> annotations = new ConcurrentHashMap<>();
    private final StringValueResolver placeholders;

    /** @param placeholders resolves what stands in annotations */
    public HandlerPolicies(StringValueResolver placeholders) {
        this.placeholders = placeholders;
    }

    /** Reads the annotations of {@code handler}, to find mistakes at start-up. */
    public void check(HandlerMethod handler) {
        annotations(handler);
    }

    RequestPolicy of(HandlerMethod handler, RequestPolicy otherwise) {
        Annotations found = annotations(handler);
        if (found.equals(Annotations.NONE)) {
            return otherwise;
        }
        return new RequestPolicy(
                found.timed ? found.timeout : otherwise.timeout(),
                otherwise.callerWaits(),
                found.cancelOnDisconnect != null ? found.cancelOnDisconnect : otherwise.cancelOnDisconnect(),
                found.streaming);
    }

    private Annotations annotations(HandlerMethod handler) {
        MethodClassKey key = new MethodClassKey(handler.getMethod(), handler.getBeanType());
        Annotations known = annotations.get(key); // takes no lock, unlike computeIfAbsent
        return known != null ? known : annotations.computeIfAbsent(key, any -> read(handler));
    }

    private Annotations read(HandlerMethod handler) {
        ContextTimeout timed = find(handler, ContextTimeout.class);
        CancelOnDisconnect onDisconnect = find(handler, CancelOnDisconnect.class);
        return new Annotations(
                timed != null,
                timed == null ? null : parse(handler.getMethod(), timed.value()),
                onDisconnect == null ? null : onDisconnect.value(),
                streams(handler.getReturnType()));
    }

    private static <A extends Annotation> @Nullable A find(HandlerMethod handler, Class<A> type) {
        A own = AnnotatedElementUtils.findMergedAnnotation(handler.getMethod(), type);
        return own != null ? own : AnnotatedElementUtils.findMergedAnnotation(handler.getBeanType(), type);
    }

    private @Nullable Duration parse(AnnotatedElement where, String written) {
        String value = String.valueOf(placeholders.resolveStringValue(written));
        if (value.equals(ContextTimeout.NONE)) {
            return null;
        }
        try {
            Duration timeout = DurationFormatterUtils.detectAndParse(value);
            if (!timeout.isZero() && !timeout.isNegative()) {
                return timeout;
            }
        } catch (IllegalArgumentException e) {
            // reported below, with the place
        }
        throw new InvalidContextTimeoutException(where, value);
    }

    /** Whether the application writes the response by an emitter that it keeps, as it does for broadcasts. */
    static boolean returnsEmitter(@Nullable Object handler) {
        return handler instanceof HandlerMethod method
                && ResponseBodyEmitter.class.isAssignableFrom(body(method.getReturnType()));
    }

    private static Class<?> body(MethodParameter returned) {
        ResolvableType type = ResolvableType.forMethodParameter(returned);
        return ResponseEntity.class.isAssignableFrom(type.toClass())
                ? type.as(ResponseEntity.class).getGeneric().toClass()
                : type.toClass();
    }

    private static boolean streams(MethodParameter returned) {
        Class<?> body = body(returned);
        ReactiveAdapter reactive = ReactiveAdapterRegistry.getSharedInstance().getAdapter(body);
        return STREAMING.stream().anyMatch(streaming -> streaming.isAssignableFrom(body))
                || (reactive != null && reactive.isMultiValue());
    }

    private record Annotations(
            boolean timed,
            @Nullable Duration timeout,
            @Nullable Boolean cancelOnDisconnect,
            boolean streaming) {
        static final Annotations NONE = new Annotations(false, null, null, false);
    }
}
