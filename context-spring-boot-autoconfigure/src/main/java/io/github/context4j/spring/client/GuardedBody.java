package io.github.context4j.spring.client;

import io.github.context4j.InterruptMask;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * A response body that ends with its context, and never as if it were whole. It has neither mark nor reset, as the bodies of
 * the clients have not.
 */
final class GuardedBody extends InputStream {
    private final ClientCall call;
    private final InputStream body;
    private final boolean interruptible;

    /** @param interruptible whether the end of the context interrupts a thread that reads, for want of better means */
    GuardedBody(ClientCall call, InputStream body, boolean interruptible) {
        this.call = call;
        this.body = body;
        this.interruptible = interruptible;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        int count;
        do {
            count = read(one, 0, 1);
        } while (count == 0);
        return count < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        if (!call.enter()) {
            return body.read(buffer, offset, length);
        }
        int count;
        try (InterruptMask mask = InterruptMask.open()) {
            count = interruptible
                    ? call.context().<Integer, IOException>interruptibly(() -> body.read(buffer, offset, length))
                    : body.read(buffer, offset, length);
        } catch (Throwable t) {
            throw call.failed(t);
        }
        if (count < 0) {
            call.atEnd();
        } else {
            call.left();
        }
        return count;
    }

    @Override
    public int available() throws IOException {
        return body.available();
    }

    @Override
    public void close() throws IOException {
        try {
            call.close(() -> {
                try {
                    body.close();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
