package dev.ramet.storage;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The rules of the contract's structure, each with its reason. */
class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.ramet.storage");

  @Test
  void theContractStandsOnTheJdkAlone() {
    classes()
        .should()
        .resideInAnyPackage("dev.ramet.storage", "dev.ramet.storage.san")
        .andShould()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "dev.ramet.storage", "dev.ramet.storage.san", "java..", "org.jspecify.annotations")
        .because("whoever writes a driver takes over all that the contract depends on")
        .check(CLASSES);
  }

  @Test
  void theContractTouchesNoHost() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .haveNameMatching("java\\.nio\\.file\\.Files|java\\.io\\.File.*|java\\.net\\..*")
        .because("what is done to a host is a driver's own")
        .check(CLASSES);
  }

  @Test
  void itStartsNoProgram() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .haveNameMatching("java\\.lang\\.(ProcessBuilder|Process)(\\$.*)?")
        .orShould()
        .accessTargetWhere(
            describe(
                "Runtime.exec",
                access ->
                    access.getTargetOwner().isEquivalentTo(Runtime.class)
                        && access.getName().equals("exec")))
        .because("a driver may have its own reasons to, the contract has none")
        .check(CLASSES);
  }
}
