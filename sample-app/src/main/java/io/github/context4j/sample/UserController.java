package io.github.context4j.sample;

import io.github.context4j.Context;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/** Users, with a fall-back for when the database is too slow. */
@RestController
final class UserController {
    private final Users users;

    UserController(Users users) {
        this.users = users;
    }

    /** The user as it is now; as it was last seen, if the database does not say within its 200 ms. */
    @GetMapping("/api/users/{id}")
    UserPage page(Context ctx, @PathVariable long id) {
        try {
            User user = users.find(id)
                    .orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND, "user: " + id + " (unknown)"));
            return new UserPage(user, true);
        } catch (QueryTimeoutException | CannotGetJdbcConnectionException tooSlow) {
            ctx.throwIfDone(); // The request itself is over: nobody waits for a fall-back.
            User user = users.lastSeen(id).orElseThrow(() -> tooSlow);
            return new UserPage(user, false);
        }
    }

    /**
     * The answer.
     *
     * @param fresh whether the database has just confirmed it
     */
    record UserPage(User user, boolean fresh) {}
}
