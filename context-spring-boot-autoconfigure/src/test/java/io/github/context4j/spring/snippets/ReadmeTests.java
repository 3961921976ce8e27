package io.github.context4j.spring.snippets;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.context4j.Context;
import io.github.context4j.ManualTime;
import io.github.context4j.spring.web.ContextTimeout;
import org.junit.jupiter.api.Test;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;

/** The handler at the top of the README. */
class ReadmeTests {
    private interface Users {
        User load(long id);

        User cached(long id);
    }

    private record User(long id, String name) {}

    private record Handler(Users users) {
        // @start region="readme"
        @GetMapping("/users/{id}")
        @ContextTimeout("2s") // instead of context.request.timeout
        User user(Context ctx, @PathVariable long id) { // or Context.current(), anywhere below
            try {
                return ctx.callWithin(ofMillis(50), () -> users.load(id)); // plain JdbcTemplate, JdbcClient, JPA ...
            } catch (QueryTimeoutException | CannotGetJdbcConnectionException tooSlow) {
                ctx.throwIfDone(); // unless it is the request that is over
                return users.cached(id); // the query is gone, the request goes on
            }
        }
        // @end
    }

    @Test
    void goesOnWithoutTheDatabaseWhereThatIsSlow() {
        ManualTime time = new ManualTime();
        Handler handler = new Handler(new Users() {
            @Override
            public User load(long id) {
                time.advance(ofSeconds(1));
                assertThat(Context.current().isDone()).isTrue();
                throw new QueryTimeoutException("canceled");
            }

            @Override
            public User cached(long id) {
                assertThat(Context.current().isDone()).isFalse();
                return new User(id, "ada");
            }
        });

        assertThat(time.root().call(() -> handler.user(time.root(), 7))).isEqualTo(new User(7, "ada"));
    }
}
