package io.github.context4j.spring.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.Context;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.webmvc.test.autoconfigure.WebMvcTest;
import org.springframework.context.annotation.Import;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The slice that users test their controllers in. */
@WebMvcTest
class ContextParameterSliceTests {
    @Test
    void handlersGetTheContextThatTheTestMadeCurrent(@Autowired MockMvcTester mvc) {
        Context.background()
                .withValue(Controller.NAME, "mine")
                .run(() -> assertThat(mvc.get().uri("/named")).bodyText().isEqualTo("mine"));
    }

    @SpringBootConfiguration
    @Import(Controller.class)
    static class App {}

    @RestController
    static class Controller {
        static final Context.Key<String> NAME = Context.Key.named("name");

        @GetMapping("/named")
        String named(Context context) {
            return String.valueOf(context.get(NAME));
        }
    }
}
