package io.github.context4j.sample;

import io.github.context4j.Context;
import io.github.context4j.TaskGroup;
import io.github.context4j.TaskGroup.Fork;
import io.github.context4j.spring.Dependencies;
import io.github.context4j.spring.NamedDependency;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Dashboards: several slow things side by side, all or nothing. */
@RestController
final class DashboardController {
    private final SalesReport sales;
    private final LanguageModel model;
    private final NamedDependency reports;

    DashboardController(SalesReport sales, LanguageModel model, Dependencies dependencies) {
        this.sales = sales;
        this.model = model;
        this.reports = dependencies.named("reports");
    }

    /**
     * Two queries and a call to the language model, each of which takes {@code seconds}. When the client leaves, all three
     * end. So they do when one of them fails, as the model does if it needs more than the 20 s of {@code llm}. The request
     * has the 30 s of {@code context.request.timeout}.
     */
    @GetMapping("/api/dashboards/slow")
    Dashboard slow(Context ctx, @RequestParam(defaultValue = "15") int seconds) throws InterruptedException {
        Seconds.check(seconds);
        try (TaskGroup group = TaskGroup.open(ctx)) {
            Fork<List<SalesReport.Region>> regions = group.fork(() -> reports.call(() -> sales.byRegion(seconds)));
            Fork<List<SalesReport.Sale>> largest = group.fork(() -> reports.call(() -> sales.largest(seconds)));
            Fork<String> summary = group.fork(() -> model.summary(seconds));
            group.join();
            return new Dashboard(seconds, regions.get(), largest.get(), summary.get());
        }
    }

    record Dashboard(int seconds, List<SalesReport.Region> regions, List<SalesReport.Sale> largest, String summary) {}
}
