package io.github.context4j.spring.web;

import io.github.context4j.ContextException;
import io.github.context4j.DeadlineExceededException;
import io.github.context4j.spring.CanceledByOperatorException;
import io.github.context4j.spring.ClientDisconnectedException;
import io.github.context4j.spring.RequestTimeoutException;
import io.github.context4j.spring.ShutdownException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/** Answers requests that failed because a context ended, where nobody else did. */
final class EndedRequestResponder {
    /** For the access log: nobody reads the response. The code is nginx's. */
    private static final int CLIENT_CLOSED_REQUEST = 499;

    private static final String RETRY_AFTER_SECONDS = "5";

    private enum Answer {
        TOOK_LONGER(HttpServletResponse.SC_GATEWAY_TIMEOUT, "Gateway Timeout", "The request took longer than it may."),
        TOO_LITTLE_TIME(
                HttpServletResponse.SC_GATEWAY_TIMEOUT,
                "Gateway Timeout",
                "The caller left too little time for the request."),
        STOPPING(HttpServletResponse.SC_SERVICE_UNAVAILABLE, "Service Unavailable", "The server is shutting down."),
        CANCELED(
                HttpServletResponse.SC_SERVICE_UNAVAILABLE,
                "Service Unavailable",
                "The request was canceled by an operator.");

        final int status;
        final String title;
        final String detail;

        Answer(int status, String title, String detail) {
            this.status = status;
            this.title = title;
            this.detail = detail;
        }
    }

    private static final Log logger = LogFactory.getLog(ContextFilter.class);

    /**
     * Answers for {@code failure}, if a context is why it happened and the response can still be chosen.
     *
     * @return false if the failure is to go on its way: it is an ordinary one, or the response has begun and must be cut off
     */
    boolean respond(RequestContext context, HttpServletRequest request, HttpServletResponse response, Throwable failure)
            throws IOException {
        ContextException ended = ContextException.in(failure);
        if (ended == null || request.isAsyncStarted()) { // what goes on asynchronously answers for itself
            return false;
        }
        Throwable cause = context.context().cause();
        if (cause instanceof ClientDisconnectedException) {
            return clientGone(context, request, response, ended);
        }
        Answer answer = answer(cause, ended);
        if (answer == null) {
            return false;
        }
        String what = context.name() + ": " + ended.getMessage();
        if (response.isCommitted()) {
            logger.warn(what + "; the response had begun and is cut off");
            return cutOff(request, HttpServletResponse.SC_INTERNAL_SERVER_ERROR);
        }
        if (answer == Answer.TOOK_LONGER) {
            logger.warn(what + "; answered " + answer.status);
        } else {
            logger.info(what + "; answered " + answer.status);
        }
        if (answer == Answer.STOPPING) {
            if (request.getProtocol().startsWith("HTTP/1")) { // others have no such header, and clients refuse it
                response.setHeader("Connection", "close");
            }
            response.setHeader("Retry-After", RETRY_AFTER_SECONDS);
        }
        problem(request, response, answer);
        return true;
    }

    /** Answers a request whose caller has left too little time for it. Strangers may send those: no line in the log by default. */
    void refuse(RequestContext context, HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (logger.isDebugEnabled()) {
            logger.debug(context.name() + ": refused, its caller has left it too little time");
        }
        problem(request, response, Answer.TOO_LITTLE_TIME);
    }

    /** Returns null where it is not for us to say what a failure means. */
    private static @Nullable Answer answer(@Nullable Throwable cause, ContextException ended) {
        if (cause instanceof ShutdownException) {
            return Answer.STOPPING;
        }
        if (cause instanceof CanceledByOperatorException) {
            return Answer.CANCELED;
        }
        boolean deadline = cause instanceof RequestTimeoutException || ended instanceof DeadlineExceededException;
        return deadline ? Answer.TOOK_LONGER : null;
    }

    private static boolean clientGone(
            RequestContext context, HttpServletRequest request, HttpServletResponse response, ContextException ended) {
        if (logger.isDebugEnabled()) {
            logger.debug(context.name() + ": " + ended.getMessage());
        }
        if (response.isCommitted()) {
            // One that has closed only its sending side may still read. Leaving is how streams end: no error.
            return cutOff(request, response.getStatus());
        }
        response.resetBuffer();
        response.setStatus(CLIENT_CLOSED_REQUEST);
        response.setContentLength(0);
        return true;
    }

    /** Returns whether the response will end as one that was cut off; else the failure has to see to that. */
    private static boolean cutOff(HttpServletRequest request, int status) {
        if (request.getAttribute(DisconnectWatch.ATTRIBUTE) instanceof DisconnectWatch watch) {
            watch.cutOff(status);
            return true;
        }
        return false;
    }

    /** Writes an RFC 9457 problem by hand: the failure may come from outside MVC, where no converter is at hand. */
    private static void problem(HttpServletRequest request, HttpServletResponse response, Answer answer)
            throws IOException {
        String json = "{\"type\":\"about:blank\",\"title\":\"" + answer.title + "\",\"status\":" + answer.status
                + ",\"detail\":\"" + answer.detail + "\",\"instance\":\"" + jsonEscaped(request.getRequestURI())
                + "\"}";
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        response.resetBuffer();
        response.setStatus(answer.status);
        response.setHeader("Cache-Control", "no-store"); // what the handler said of its own body does not hold for this
        response.setHeader("Content-Encoding", null);
        response.setContentType("application/problem+json");
        response.setContentLength(body.length);
        try {
            response.getOutputStream().write(body);
        } catch (IllegalStateException e) { // the handler has begun with a writer, whose output was reset
            response.getWriter().write(json);
        }
    }

    private static String jsonEscaped(String text) {
        StringBuilder escaped = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                escaped.append('\\').append(c);
            } else if (c < ' ') {
                escaped.append(String.format("\\u%04x", (int) c));
            } else {
                escaped.append(c);
            }
        }
        return escaped.toString();
    }
}
