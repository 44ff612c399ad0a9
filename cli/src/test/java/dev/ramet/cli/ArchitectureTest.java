package dev.ramet.cli;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.ramet.cli");

  @Test
  void theCommandLineSeesTheServerOnlyThroughTheClient() {
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "dev.ramet.cli..", "dev.ramet.client", "picocli", "org.jspecify..", "java..")
        .because("what the CLI can do, every program can; and its start-up pays for each library")
        .check(CLASSES);
  }

  @Test
  void onlyPsqlStartsAProcess() {
    noClasses()
        .that()
        .haveNameNotMatching("dev\\.ramet\\.cli\\.ClonePsql(\\$.*)?")
        .should()
        .dependOnClassesThat()
        .haveNameMatching("java\\.lang\\.ProcessBuilder(\\$.*)?")
        .orShould()
        .accessTargetWhere(
            describe(
                "Runtime.exec",
                access ->
                    access.getTargetOwner().isEquivalentTo(Runtime.class)
                        && access.getName().equals("exec")))
        .because("there is one place to look for argument lists and secrets in them")
        .check(CLASSES);
  }

  @Test
  void packagesHaveNoCycles() {
    SlicesRuleDefinition.slices()
        .matching("dev.ramet.(cli..)")
        .should()
        .beFreeOfCycles()
        .because("writers know no views, views know no commands")
        .check(CLASSES);
  }
}
