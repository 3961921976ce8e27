package io.github.context4j.sample;

import java.sql.SQLException;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Shows what PostgreSQL is doing for this application. */
@RestController
final class QueriesController {
    private final RunningQueries queries;

    QueriesController(RunningQueries queries) {
        this.queries = queries;
    }

    /** The queries that are running now, the oldest first. */
    @GetMapping("/api/queries")
    List<RunningQueries.Query> queries() throws SQLException {
        return queries.list();
    }
}
