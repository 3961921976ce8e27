package io.github.context4j.sample;

import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Shows what the language model is doing for this application. */
@RestController
final class AnswersController {
    private final LanguageModelStub model;

    AnswersController(LanguageModelStub model) {
        this.model = model;
    }

    /** The answers that are being written now, the oldest first. */
    @GetMapping("/api/answers")
    List<LanguageModelStub.Progress> answers() {
        return model.inProgress();
    }
}
