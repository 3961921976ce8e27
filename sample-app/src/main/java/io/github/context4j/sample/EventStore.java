package io.github.context4j.sample;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Where events go in PostgreSQL. */
@Component
final class EventStore {
    private final JdbcClient jdbc;

    EventStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    void save(Event event) {
        jdbc.sql("insert into event (id, type, detail) values (:id, :type, :detail)")
                .param("id", event.id())
                .param("type", event.type())
                .param("detail", event.detail())
                .update();
    }

    /** Tells whoever listens on PostgreSQL's channel of events. */
    void publish(Event event) {
        jdbc.sql("select pg_notify('events', :message)")
                .param("message", event.type() + " " + event.id())
                .query((row, number) -> event)
                .single();
    }

    void audit(Event event) {
        jdbc.sql("insert into event_audit (event_id, type) values (:id, :type)")
                .param("id", event.id())
                .param("type", event.type())
                .update();
    }
}
