package io.github.context4j.sample;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.boot.test.context.SpringBootTest;

/**
 * The whole sample on a port of its own, shared by all tests that say so. A test that holds a table's lock has 30 s to make
 * its point until the database counts as too slow.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {
            "context.dependencies.db.timeout=30s",
            "logging.level.org.openqa.selenium=error" // it warns of parts for one version of Chromium, which are not
            // used
        })
@interface SampleTest {}
