package outside;

import io.github.context4j.Context;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@SpringBootApplication
@RestController
class OutsideApplication {
    private final JdbcClient jdbc;

    OutsideApplication(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    public static void main(String[] args) {
        SpringApplication.run(OutsideApplication.class, args);
    }

    @GetMapping("/slow")
    String slow(Context ctx) {
        return jdbc.sql("select 'outside' from pg_sleep(30)").query(String.class).single() + " " + ctx.state();
    }
}
