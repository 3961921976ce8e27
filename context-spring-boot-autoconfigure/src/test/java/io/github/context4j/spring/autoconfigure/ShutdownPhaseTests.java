package io.github.context4j.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.DefaultLifecycleProcessor;

/** Whose phases are given time. {@code ServerShutdownTests} shows that Spring Boot's are. */
@ExtendWith(OutputCaptureExtension.class)
class ShutdownPhaseTests {
    private static final String LEFT =
            "The time-outs of 'lifecycleProcessor', the application's own, are left as they are."
                    + " For the grace period the phases in which the server and executors wait need 32000 ms.";

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withPropertyValues("context.shutdown.grace-period=30s")
            .withConfiguration(AutoConfigurations.of(
                    ContextAutoConfiguration.class,
                    ContextWebServerAutoConfiguration.class,
                    LifecycleAutoConfiguration.class));

    @Test
    void theApplicationsOwnAreLeftAlone(CapturedOutput output) {
        runner.withUserConfiguration(OwnLifecycle.class).run(context -> {
            assertThat(context.getBean(Recording.class).phases).containsExactly(7);
            assertThat(output).containsOnlyOnce(LEFT);
        });
    }

    @Test
    void nothingIsSaidOfSpringBoots(CapturedOutput output) {
        runner.run(context -> {
            assertThat(context).hasSingleBean(DefaultLifecycleProcessor.class);
            assertThat(output).doesNotContain("left as they are");
        });
    }

    static final class Recording extends DefaultLifecycleProcessor {
        final List<Integer> phases = new ArrayList<>();

        @Override
        public void setTimeoutForShutdownPhase(int phase, long timeout) {
            phases.add(phase);
            super.setTimeoutForShutdownPhase(phase, timeout);
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnLifecycle {
        @Bean
        DefaultLifecycleProcessor lifecycleProcessor() {
            Recording own = new Recording();
            own.setTimeoutForShutdownPhase(7, 1_000);
            return own;
        }
    }
}
