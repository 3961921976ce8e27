package io.github.context4j.sample;

import static io.github.context4j.sample.Waiting.soon;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.Keys;
import org.springframework.boot.test.web.server.LocalServerPort;

/** The page in a real browser. */
@SampleTest
@Timeout(120)
class PageTests {
    private final SampleClient client;

    PageTests(@LocalServerPort int port) {
        client = new SampleClient(port);
    }

    /** What the browser asked last may have been cut off, and is not to be counted in the next test. */
    @AfterEach
    void awaitTheEndOfAllRequests() {
        soon().until(() -> client.queries().length == 0
                && client.json("/actuator/contexts").get("contexts").isEmpty());
    }

    /** One tab starts it and is closed; the other, which was open all the time, tells what became of it. */
    @ParameterizedTest
    @CsvSource({"report, 1, 0", "dashboard, 2, 1"})
    void whatATabStartedDiesWithIt(String kind, int queries, int answers) throws Exception {
        try (Browser browser = Browser.open(client.port())) {
            browser.newTab();
            int requests = browser.number("canceled");
            int calls = browser.number("calls");
            browser.click(kind);
            soon().until(() -> client.queries().length == queries);
            soon().until(() -> client.json("/api/answers").size() == answers);
            browser.awaitText("queries", "pg_sleep");
            browser.awaitText("answer-count", String.valueOf(answers));
            browser.awaitText("contexts", "waits on reports, query");

            browser.closeTab();
            soon().until(() -> client.queries().length == 0);
            soon().until(() -> client.json("/api/answers").isEmpty());
            browser.awaitText("query-count", "0");
            browser.awaitText("answer-count", "0");
            browser.awaitNumber("canceled", requests + 1);
            browser.awaitNumber("calls", calls + queries + answers);
            browser.awaitBar("canceled");
            assertThat(browser.number("calls")).isEqualTo(calls + queries + answers);
            assertThat(browser.complaints()).isEmpty();
        }
    }

    @Test
    void aDashboardIsStartedAndAbortedByTheKeyboard() throws Exception {
        try (Browser browser = Browser.open(client.port())) {
            int calls = browser.number("calls");
            browser.click("seconds");
            browser.press(Keys.TAB, Keys.TAB, Keys.ENTER);
            browser.awaitText("contexts", "derived context");
            browser.awaitText("contexts", "waits on llm, GET");
            soon().until(() -> client.queries().length == 2);

            browser.press(Keys.TAB, Keys.TAB, Keys.TAB, Keys.ENTER);
            browser.awaitText("work", "aborted");
            soon().until(() -> client.queries().length == 0);
            soon().until(() -> client.json("/api/answers").isEmpty());
            browser.awaitNumber("calls", calls + 3);
            assertThat(browser.focused()).isEqualTo("dashboard");
            assertThat(browser.complaints()).isEmpty();
        }
    }
}
