package io.github.context4j.spring;

/** An operator has canceled the request, by the actuator endpoint {@code contexts}. */
public final class CanceledByOperatorException extends ContextEndedReason {
    private static final long serialVersionUID = 1L;

    public CanceledByOperatorException() {
        super("canceled by an operator");
    }

    @Override
    public String tag() {
        return "operator";
    }
}
