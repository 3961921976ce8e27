package io.github.context4j.spring.client;

import io.github.context4j.ContextException;
import io.github.context4j.CurrentContext;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.util.Map;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.StreamingHttpOutputMessage;
import org.springframework.http.client.ClientHttpRequest;
import org.springframework.http.client.ClientHttpResponse;

/** A request that obeys the context which is current when it is executed; without one it is as it was. */
class GuardedRequest implements ClientHttpRequest {
    private final ClientHttpRequest request;
    private final Means means;
    private final ContextRestClients clients;

    private GuardedRequest(ClientHttpRequest request, Means means, ContextRestClients clients) {
        this.request = request;
        this.means = means;
        this.clients = clients;
    }

    static GuardedRequest of(ClientHttpRequest request, Means means, ContextRestClients clients) {
        return request instanceof StreamingHttpOutputMessage streaming
                ? new Streaming(request, streaming, means, clients)
                : new GuardedRequest(request, means, clients);
    }

    @Override
    public ClientHttpResponse execute() throws IOException {
        if (CurrentContext.get() == null) {
            return request.execute();
        }
        ClientCall call = clients.begin(request);
        return call.execute(() -> {
            clients.propagate(call, getHeaders());
            boolean interrupt = means != Means.HOOK;
            ClientHttpResponse response = interrupt
                    ? call.context().<ClientHttpResponse, IOException>interruptibly(request::execute)
                    : request.execute();
            return guard(call, response);
        });
    }

    private ClientHttpResponse guard(ClientCall call, ClientHttpResponse response) throws IOException {
        if (means == Means.INTERRUPT_THEN_CLOSE) {
            response.getBody(); // so that closing it from another thread does not meet the first who asks for it
            call.abortBy(() -> closeBody(response));
        } else if (means == Means.INTERRUPT) {
            call.abortIdleBy(() -> closeBody(response));
        }
        ContextException ended = call.context().exception();
        if (ended != null) {
            call.abort();
            if (means == Means.HOOK) {
                response.close(); // what the client reads from an aborted exchange to its end, ends at once
            } else {
                closeBody(response);
            }
            throw ended;
        }
        call.left();
        return new GuardedResponse(call, response, means == Means.INTERRUPT);
    }

    /** Closes the body and not the response, which with most clients would read it to its end first. */
    static void closeBody(ClientHttpResponse response) {
        try {
            response.getBody().close();
        } catch (IOException e) {
            // whoever reads it learns of it
        }
    }

    @Override
    public HttpMethod getMethod() {
        return request.getMethod();
    }

    @Override
    public URI getURI() {
        return request.getURI();
    }

    @Override
    public Map<String, Object> getAttributes() {
        return request.getAttributes();
    }

    @Override
    public HttpHeaders getHeaders() {
        return request.getHeaders();
    }

    @Override
    public OutputStream getBody() throws IOException {
        return request.getBody();
    }

    /** A request whose body can be streamed; those who have one to send ask for the type. */
    private static final class Streaming extends GuardedRequest implements StreamingHttpOutputMessage {
        private final StreamingHttpOutputMessage streaming;

        Streaming(
                ClientHttpRequest request,
                StreamingHttpOutputMessage streaming,
                Means means,
                ContextRestClients clients) {
            super(request, means, clients);
            this.streaming = streaming;
        }

        @Override
        public void setBody(Body body) {
            streaming.setBody(body);
        }
    }
}
