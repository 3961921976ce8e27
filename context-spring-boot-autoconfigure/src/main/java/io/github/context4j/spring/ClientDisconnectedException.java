package io.github.context4j.spring;

import java.util.Locale;

/** The client closed its connection, or reset its stream, before it had the response. */
public final class ClientDisconnectedException extends ContextEndedReason {
    private static final long serialVersionUID = 1L;

    /** How the client left. */
    public enum Kind {
        /** It closed its side of the connection: TCP FIN. */
        CLOSED,
        /** The connection broke: TCP RST, or an I/O error; or the client canceled its gRPC call. */
        RESET,
        /** Writing the response failed. */
        WRITE_FAILED;

        /** The name for metrics. */
        public String tag() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Kind kind;

    public ClientDisconnectedException(Kind kind) {
        super("client disconnected (" + kind.tag() + ")");
        this.kind = kind;
    }

    /** How the client left. */
    public Kind kind() {
        return kind;
    }

    @Override
    public String tag() {
        return "client_disconnected";
    }
}
