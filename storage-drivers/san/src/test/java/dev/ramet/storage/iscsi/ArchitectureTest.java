package dev.ramet.storage.iscsi;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final String DRIVER = "dev.ramet.storage.iscsi";
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(DRIVER);

  @Test
  void theDriverSeesOnlyTheSpiAndTheKernelBinding() {
    classes()
        .that()
        .resideInAPackage(DRIVER + "..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "java..",
            "org.jspecify.annotations",
            "dev.ramet.storage",
            "dev.ramet.storage.san",
            "dev.ramet.storage.linux",
            DRIVER + "..")
        .because("a driver that needs more of its host asks the binding for it")
        .check(CLASSES);
  }

  @Test
  void aSessionKnowsNothingButTheAddress() {
    classes()
        .that()
        .resideInAPackage(DRIVER + ".session")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "java..", "org.jspecify.annotations", "dev.ramet.storage.san", DRIVER + ".session")
        .because("it asks a target, and changes nothing on the host")
        .check(CLASSES);
  }

  @Test
  void oneClassStartsProcesses() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName(DRIVER + ".HostPrograms")
        .should()
        .dependOnClassesThat()
        .haveNameMatching("java\\.lang\\.(ProcessBuilder|Process|Runtime)")
        .because("tests cut verbs between programs; one that is started elsewhere would be missed")
        .check(CLASSES);
  }

  @Test
  void theDriverChangesNothingBehindTheKernelBinding() {
    noClasses()
        .that()
        .haveSimpleNameNotEndingWith("Provider")
        .should()
        .callMethodWhere(
            describe(
                "changes files",
                call ->
                    call.getTargetOwner().isEquivalentTo(Files.class)
                        && call.getName().matches("(create|delete|write|move|copy|set).*")))
        .because("tests cut verbs between calls of the binding; a change elsewhere would be missed")
        .check(CLASSES);
  }

  @Test
  void packagesHaveNoCycles() {
    slices()
        .matching("dev.ramet.storage.(**)")
        .should()
        .beFreeOfCycles()
        .because("a cycle makes two packages one")
        .check(CLASSES);
  }
}
