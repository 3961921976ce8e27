package io.github.context4j.sample;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.boot.test.context.SpringBootTest;

/** The whole sample with time-outs that tests can wait for, and a busy machine need not fear. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {"context.dependencies.db.timeout=3s", "context.dependencies.llm.timeout=3s"})
@interface ShortTimeoutTest {}
