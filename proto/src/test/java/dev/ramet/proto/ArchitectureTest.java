package dev.ramet.proto;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The rules of the protocols' structure, each with its reason. */
class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.ramet");

  @Test
  void nothingButWhatIsGeneratedIsHere() {
    classes()
        .should()
        .resideInAnyPackage(
            "dev.ramet.proto.v1", "dev.ramet.proto.agent.v1", "dev.ramet.proto.store.v1")
        .andShould()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("dev.ramet.proto..", "com.google..", "io.grpc..", "java..")
        .because("a type lives with its owner, and this module owns the protocols only")
        .check(CLASSES);
  }

  @Test
  void thePublicProtocolKnowsNoneOfTheOthers() {
    noClasses()
        .that()
        .resideInAPackage("dev.ramet.proto.v1")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.ramet.proto.agent..", "dev.ramet.proto.store..")
        .because("users must not see how hosts are spoken to, nor what is kept in etcd")
        .check(CLASSES);
  }

  @Test
  void agentsKnowNothingOfRecords() {
    noClasses()
        .that()
        .resideInAPackage("dev.ramet.proto.agent..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.ramet.proto.store..")
        .because("etcd is the coordinator's own; ids, sizes and ports come with the call")
        .check(CLASSES);
  }
}
