package io.github.context4j.spring.snippets;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.when;

import io.github.context4j.CancelableContext;
import io.github.context4j.Context;
import io.github.context4j.ManualTime;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.webmvc.test.autoconfigure.WebMvcTest;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.bean.override.mockito.MockitoBean;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** How to test a handler whose context ends. */
@WebMvcTest
class ReportControllerTests {
    @SpringBootConfiguration
    @Import(ReportController.class)
    static class App {}

    interface Sales {
        int of(String month);
    }

    // @start region="controller"
    @RestController
    static class ReportController {
        private final Sales sales;

        ReportController(Sales sales) {
            this.sales = sales;
        }

        @GetMapping("/report")
        String report(Context ctx) {
            int sum = 0;
            for (String month : List.of("January", "February", "March")) {
                if (ctx.isDone()) {
                    return "until " + month + ": " + sum;
                }
                sum += sales.of(month);
            }
            return "all: " + sum;
        }
    }
    // @end

    // @start region="web slice"
    @MockitoBean
    Sales sales;

    @Autowired
    MockMvcTester mvc;

    @Test
    void aReportThatTakesTooLongIsPartial() {
        ManualTime time = new ManualTime();
        when(sales.of("January")).thenReturn(10);
        when(sales.of("February")).then(call -> {
            time.advance(ofSeconds(5)); // this is how long the query takes
            return 20;
        });

        time.root().runWithin(ofSeconds(5), () -> assertThat(mvc.get().uri("/report"))
                .hasBodyTextEqualTo("until March: 30"));
    }

    @Test
    void aReportForAClientThatHasLeftAsksNobody() {
        try (CancelableContext ctx = Context.background().withCancel()) {
            ctx.cancel();

            ctx.run(() -> assertThat(mvc.get().uri("/report")).hasBodyTextEqualTo("until January: 0"));
        }
    }
    // @end
}
