package io.github.context4j.spring.autoconfigure;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.core.env.Environment;

/**
 * Warns if {@code context.enabled} is not what it was when the application was prepared ahead of time: the condition was
 * decided then.
 */
final class PreparedSwitch {
    private static final Log logger = LogFactory.getLog(PreparedSwitch.class);
    private static final String KEY = "context.enabled";

    PreparedSwitch(boolean prepared, Environment environment) {
        boolean asked = environment.getProperty(KEY, Boolean.class, true);
        if (asked != prepared) {
            logger.warn(KEY + "=" + asked + " has no effect: this application was prepared ahead of time with "
                    + prepared + "." + (prepared ? " context.mode=observe can be set at run time." : ""));
        }
    }
}
