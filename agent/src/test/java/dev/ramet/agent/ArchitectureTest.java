package dev.ramet.agent;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The rules of the agent's structure, each with its reason. */
class ArchitectureTest {
  private static JavaClasses agent;

  @BeforeAll
  static void read() {
    agent =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.ramet.agent");
  }

  @Test
  void driversAreSeenOnlyThroughTheContract() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.ramet.storage.linux..",
            "dev.ramet.storage.iscsi..",
            "dev.ramet.storage.linuxtarget..")
        .because("a new driver must need no change of the agent: they are found by ServiceLoader")
        .check(agent);
  }

  @Test
  void grpcAndGeneratedTypesStayAtTheEdges() {
    DescribedPredicate<JavaClass> wire =
        JavaClass.Predicates.resideInAnyPackage(
            "io.grpc..", "dev.ramet.proto..", "com.google.protobuf..", "com.google.rpc..");
    noClasses()
        .that()
        .resideOutsideOfPackages("..server..", "..report..")
        .should()
        .dependOnClassesThat(wire)
        .because(
            "a change of the protocol must not reach what does the work; report is a client of the"
                + " coordinator")
        .check(agent);
  }

  @Test
  void oneClassStartsPrograms() {
    noClasses()
        .that()
        .haveNameNotMatching("dev\\.ramet\\.agent\\.exec\\.Commands(\\$.*)?")
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
        .because(
            "arguments, environment, output and time limits of programs are watched over there")
        .check(agent);
  }

  @Test
  void packagesHaveNoCycles() {
    slices()
        .matching("dev.ramet.agent.(**)")
        .should()
        .beFreeOfCycles()
        .because("a part that can be understood and tested alone needs a direction")
        .check(agent);
  }

  @Test
  void nothingDependsOnTheWiring() {
    noClasses()
        .that()
        .resideInAPackage("dev.ramet.agent.*..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.ramet.agent")
        .because("parts are given what they need, they do not fetch it")
        .check(agent);
  }

  @Test
  void settingsKnowNothingOfWhatTheyAreFor() {
    classes()
        .that()
        .resideInAPackage("dev.ramet.agent.config")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("dev.ramet.agent.config", "java..", "org.jspecify..")
        .because("what an operator may write must not change with the insides")
        .check(agent);
  }

  @Test
  void enginesAndRuntimesKnowNoServer() {
    noClasses()
        .that()
        .resideInAnyPackage("..engine..", "..runtime..", "..instance..", "..exec..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "..agent.server..", "..agent.report..", "..agent.config..", "..agent.storage..")
        .because("they can be used and tested without a running agent")
        .check(agent);
  }
}
