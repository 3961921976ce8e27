package io.github.context4j.sample;

import io.github.context4j.spring.Dependencies;
import io.github.context4j.spring.NamedDependency;
import io.github.context4j.spring.web.ContextTimeout;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Reports that take long enough to be given up. */
@RestController
final class ReportController {
    private final SalesReport sales;
    private final NamedDependency reports;

    ReportController(SalesReport sales, Dependencies dependencies) {
        this.sales = sales;
        this.reports = dependencies.named("reports");
    }

    /**
     * One query that takes {@code seconds} in PostgreSQL. It runs as the dependency {@code reports}, since the 200 ms of
     * {@code db} are for everything else on the same DataSource. Nothing here mentions cancellation: when the client
     * leaves, the query is canceled all the same.
     */
    @GetMapping("/api/reports/slow")
    @ContextTimeout("2m")
    Report slow(@RequestParam(defaultValue = "30") int seconds) {
        Seconds.check(seconds);
        return new Report(seconds, reports.call(() -> sales.byRegion(seconds)));
    }

    record Report(int seconds, List<SalesReport.Region> regions) {}
}
