package io.github.context4j.spring.grpc;

import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** A gRPC service of strings, one method of each kind, without any protocol buffers. */
public class TestService implements BindableService {
    public static final MethodDescriptor<String, String> UNARY =
            method("unary", MethodDescriptor.MethodType.UNARY).build();
    public static final MethodDescriptor<String, String> SAFE =
            method("safe", MethodDescriptor.MethodType.UNARY).setSafe(true).build();
    public static final MethodDescriptor<String, String> STREAM =
            method("stream", MethodDescriptor.MethodType.SERVER_STREAMING).build();
    public static final MethodDescriptor<String, String> CHAT =
            method("chat", MethodDescriptor.MethodType.BIDI_STREAMING).build();

    private static MethodDescriptor.Builder<String, String> method(String name, MethodDescriptor.MethodType type) {
        return MethodDescriptor.newBuilder(new Text(), new Text())
                .setType(type)
                .setFullMethodName("test.Service/" + name);
    }

    /** Answers with what was asked. */
    protected void unary(String request, ServerCallStreamObserver<String> response) throws Exception {
        response.onNext(request);
        response.onCompleted();
    }

    protected void stream(String request, ServerCallStreamObserver<String> response) throws Exception {
        unary(request, response);
    }

    /** Answers each message with itself. */
    protected StreamObserver<String> chat(ServerCallStreamObserver<String> response) throws Exception {
        return new StreamObserver<>() {
            @Override
            public void onNext(String message) {
                response.onNext(message);
            }

            @Override
            public void onError(Throwable failure) {}

            @Override
            public void onCompleted() {
                response.onCompleted();
            }
        };
    }

    /** What a method of the service does; checked exceptions are not wrapped. */
    private interface Body<T> {
        T run() throws Exception;
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <T, X extends Exception> T unchecked(Body<T> body) throws X {
        try {
            return body.run();
        } catch (Exception e) {
            throw (X) e;
        }
    }

    private static boolean done() {
        return true;
    }

    @Override
    public ServerServiceDefinition bindService() {
        ServerCalls.UnaryMethod<String, String> unary =
                (request, response) -> TestService.<Boolean, RuntimeException>unchecked(() -> {
                    unary(request, (ServerCallStreamObserver<String>) response);
                    return done();
                });
        return ServerServiceDefinition.builder("test.Service")
                .addMethod(UNARY, ServerCalls.asyncUnaryCall(unary))
                .addMethod(SAFE, ServerCalls.asyncUnaryCall(unary))
                .addMethod(
                        STREAM,
                        ServerCalls.asyncServerStreamingCall(
                                (request, response) -> TestService.<Boolean, RuntimeException>unchecked(() -> {
                                    stream(request, (ServerCallStreamObserver<String>) response);
                                    return done();
                                })))
                .addMethod(
                        CHAT,
                        ServerCalls.asyncBidiStreamingCall(
                                response -> TestService.<StreamObserver<String>, RuntimeException>unchecked(
                                        () -> chat((ServerCallStreamObserver<String>) response))))
                .build();
    }

    private static final class Text implements MethodDescriptor.Marshaller<String> {
        @Override
        public InputStream stream(String value) {
            return new ByteArrayInputStream(value.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public String parse(InputStream stream) {
            try {
                return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
