package io.github.context4j.sample;

import io.github.context4j.Context;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Takes events in. */
@RestController
final class EventController {
    private final EventIntake intake;

    EventController(EventIntake intake) {
        this.intake = intake;
    }

    /** Accepts an event; whoever reads the response knows that it was saved, published and audited. */
    @PostMapping("/api/events")
    @ResponseStatus(HttpStatus.CREATED)
    EventIntake.Receipt accept(Context ctx, @RequestBody NewEvent event) {
        return intake.accept(ctx, event.validated());
    }
}
