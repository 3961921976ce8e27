package io.github.context4j.spring.snippets;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.ArchTests;
import io.github.context4j.spring.archunit.ContextRules;

// @start region="rules"
@AnalyzeClasses(packagesOf = Application.class, importOptions = ImportOption.DoNotIncludeTests.class)
class ContextRulesTests {
    @ArchTest
    static final ArchTests contexts = ArchTests.in(ContextRules.class);
}
// @end

/** Stands for that of a user. */
final class Application {}
