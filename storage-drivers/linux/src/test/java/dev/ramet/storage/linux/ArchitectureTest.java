package dev.ramet.storage.linux;

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
  private static final String BINDING = "dev.ramet.storage.linux";
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(BINDING);

  @Test
  void aDriverSeesOnlyTheSpiAndTheKernelBinding() {
    classes()
        .that()
        .resideInAPackage(BINDING + ".*..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "java..",
            "org.jspecify.annotations",
            "dev.ramet.storage",
            "dev.ramet.storage.san",
            BINDING,
            BINDING + ".*..")
        .because("a driver that needs more of its host asks the binding for it")
        .check(CLASSES);
    slices()
        .matching(BINDING + ".(*)..")
        .should()
        .notDependOnEachOther()
        .because("a driver can then be read, replaced or removed without its neighbours")
        .check(CLASSES);
  }

  @Test
  void theKernelBindingKnowsNoDriver() {
    noClasses()
        .that()
        .resideInAPackage(BINDING)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(BINDING + ".*..")
        .because("what all drivers share must not bend to one of them")
        .check(CLASSES);
  }

  @Test
  void onlyTheBindingUsesJna() {
    noClasses()
        .that()
        .haveNameNotMatching(
            ".*\\.(JnaKernel|Libc|ExtentMap|LoopConfiguration|SubvolumeArguments)(\\$.*)?")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("com.sun.jna..")
        .because("another binding of the kernel must be able to drop in")
        .check(CLASSES);
  }

  @Test
  void oneClassStartsProcesses() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName(BINDING + ".MkfsCommands")
        .should()
        .dependOnClassesThat()
        .haveNameMatching("java\\.lang\\.(ProcessBuilder|Process|Runtime)")
        .because("a process on the way of a clone costs more than all the rest of it")
        .check(CLASSES);
  }

  @Test
  void driversChangeNothingBehindTheKernelBinding() {
    noClasses()
        .that()
        .resideInAPackage(BINDING + ".*..")
        .and()
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
