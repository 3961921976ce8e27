package io.github.context4j.sample;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The users in the database, and as they were when last read from it. */
@Component
final class Users {
    private final JdbcClient jdbc;
    private final Map<Long, User> lastSeen = new ConcurrentHashMap<>();

    Users(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    Optional<User> find(long id) {
        Optional<User> user = jdbc.sql("select id, name, email from app_user where id = :id")
                .param("id", id)
                .query(User.class)
                .optional();
        user.ifPresent(found -> lastSeen.put(id, found));
        return user;
    }

    /** What {@link #find} last returned; asks nobody. */
    Optional<User> lastSeen(long id) {
        return Optional.ofNullable(lastSeen.get(id));
    }
}
