package dev.ramet.storage.testkit;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The rules of the test kit's structure, each with its reason. */
class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.ramet.storage.testkit");

  @Test
  void theKitKnowsTheContractAndNoDriver() {
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "dev.ramet.storage.testkit",
            "dev.ramet.storage",
            "dev.ramet.storage.san",
            "org.junit.jupiter..",
            "org.assertj..",
            "org.jspecify.annotations",
            "java..")
        .because("one suite holds for every driver, also for those of others")
        .check(CLASSES);
  }

  @Test
  void theReferenceIsInMemory() {
    noClasses()
        .that()
        .haveSimpleNameStartingWith("InMemory")
        .should()
        .accessTargetWhere(
            describe(
                "the default file system",
                access ->
                    access.getTargetOwner().getName().matches("java\\.io\\.File.*")
                        || access.getTargetOwner().getName().equals("java.nio.file.Paths")))
        .because("it shows what the contract asks for, not what a host can do")
        .check(CLASSES);
  }

  @Test
  void itStartsNoProgramButToUseAVolumeAsAHostDoes() {
    noClasses()
        .that()
        .doNotHaveSimpleName("LunClient")
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
        .because("it must run wherever a driver's tests do")
        .check(CLASSES);
  }
}
