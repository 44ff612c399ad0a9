package dev.ramet.coordinator;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.ramet.coordinator");

  private static void check(ArchRule rule) {
    rule.check(CLASSES);
  }

  @Test
  void theCoordinatorKnowsAgentsByTheirProtocolOnly() {
    check(
        noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.ramet.agent..", "dev.ramet.storage..")
            .because("the agent is another program on another host, maybe of another version"));
  }

  @Test
  void onlyTheStoreKnowsEtcd() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage("..coordinator.store..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.etcd..", "io.vertx..")
            .because(
                "what etcd's client does on a time-out or a lost watch is known in one place"));
  }

  @Test
  void grpcStaysAtTheEdges() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages(
                "..coordinator.api..",
                "..coordinator.server..",
                "..coordinator.fleet..",
                "..coordinator.store..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.grpc..")
            .because(
                "a decision must not depend on how it is transported; etcd's client is gRPC too"));
  }

  @Test
  void theAgentsMessagesEndInFleet() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage("..coordinator.fleet..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.ramet.proto.agent..")
            .because("planners speak of what is there, not of messages"));
  }

  @Test
  void recordsAreReadWhereTheyAreKeptWorkedOnOrShown() {
    check(
        noClasses()
            .that()
            .resideInAnyPackage(
                "..coordinator.placement..",
                "..coordinator.lifecycle..",
                "..coordinator.names..",
                "..coordinator.fault..",
                "..coordinator.secret..",
                "..coordinator.fleet..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.ramet.proto.store..", "dev.ramet.proto.v1..")
            .because(
                "the record protos are the model of store, records, reconcile and api; a second"
                    + " model beside them would only be copied to and fro"));
  }

  @Test
  void decidingIsPure() {
    String[] pure = {
      "..coordinator.placement..", "..coordinator.lifecycle..", "..coordinator.names.."
    };
    check(
        noClasses()
            .that()
            .resideInAnyPackage(pure)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                "java.io..", "java.nio..", "java.net..", "java.util.concurrent..", "org.slf4j..")
            .because("the same input must give the same answer, in a test and after an incident"));
    check(
        noClasses()
            .that()
            .resideInAnyPackage(pure)
            .should()
            .dependOnClassesThat(
                describe("clocks", (JavaClass type) -> type.isAssignableTo(InstantSource.class)))
            .orShould()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(Clock.class, "systemUTC")
            .because("time is an argument"));
  }

  @Test
  void onlyTheServerKnowsMicronaut() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage("..coordinator.server..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.micronaut..", "io.micrometer..", "jakarta..")
            .because("everything can be built by its constructor, in a test without a container"));
  }

  @Test
  void theApiAndTheReconcilerMeetInTheRecordsOnly() {
    check(
        noClasses()
            .that()
            .resideInAPackage("..coordinator.api..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("..coordinator.reconcile..")
            .because(
                "any coordinator answers, one reconciles: what passes between them is in etcd"));
    check(
        noClasses()
            .that()
            .resideInAPackage("..coordinator.reconcile..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("..coordinator.api..")
            .because("the reconciler answers no user"));
  }

  @Test
  void packagesHaveNoCycles() {
    check(slices().matching("dev.ramet.coordinator.(*)..").should().beFreeOfCycles());
  }
}
