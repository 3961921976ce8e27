package io.github.context4j.spring.client;

import io.github.context4j.ContextException;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.client.ClientHttpResponse;

/** A response that is aborted when its context ends, whether somebody reads it or not. */
final class GuardedResponse implements ClientHttpResponse {
    private final ClientCall call;
    private final ClientHttpResponse response;
    private final boolean interruptible;
    private @Nullable InputStream body;

    GuardedResponse(ClientCall call, ClientHttpResponse response, boolean interruptible) {
        this.call = call;
        this.response = response;
        this.interruptible = interruptible;
    }

    @Override
    public HttpStatusCode getStatusCode() throws IOException {
        return response.getStatusCode();
    }

    @Override
    public String getStatusText() throws IOException {
        return response.getStatusText();
    }

    @Override
    public HttpHeaders getHeaders() {
        return response.getHeaders();
    }

    @Override
    public InputStream getBody() throws IOException {
        InputStream known = body;
        if (known == null) {
            known = new GuardedBody(call, response.getBody(), interruptible);
            body = known;
        }
        return known;
    }

    @Override
    public void close() {
        call.close(interruptible ? this::closeInterruptibly : response::close);
    }

    /** Where only an interrupt helps: the client reads the body to its end, which may never come. */
    private void closeInterruptibly() {
        try {
            call.context().<Boolean, RuntimeException>interruptibly(() -> {
                response.close();
                return true;
            });
        } catch (ContextException e) {
            GuardedRequest.closeBody(response);
        }
    }
}
