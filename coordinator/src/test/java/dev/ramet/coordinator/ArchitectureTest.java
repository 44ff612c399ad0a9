package dev.ramet.coordinator;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.conditions.ArchConditions.accessTargetWhere;
import static com.tngtech.archunit.lang.conditions.ArchConditions.never;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.time.Year;
import java.time.ZoneOffset;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.ramet.coordinator");

  private static final String IMPURE_TYPES =
      "java\\.lang\\.(System|Thread.*|InheritableThreadLocal|Process.*|Runtime)"
          + "|java\\.util\\.(Date|Calendar|GregorianCalendar|Timer.*|Random|SplittableRandom|Scanner"
          + "|ServiceLoader|ResourceBundle)";

  private static final String IMPURE_METHODS =
      "now|random|randomUUID|parallel|parallelStream|getDefault|shuffle|identityHashCode";

  /** Placement, lifecycle and names: by what they may use, and what of it is a clock or chance. */
  private static final ArchRule PURE =
      classes()
          .that()
          .resideInAnyPackage(
              "..coordinator.placement..", "..coordinator.lifecycle..", "..coordinator.names..")
          .or()
          .areAssignableTo(Impure.class)
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage(
                      "dev.ramet.coordinator.placement",
                      "dev.ramet.coordinator.lifecycle",
                      "dev.ramet.coordinator.names",
                      "java.lang",
                      "java.lang.annotation",
                      "java.lang.runtime",
                      "java.time",
                      "java.util",
                      "java.util.function",
                      "java.util.random",
                      "java.util.regex",
                      "java.util.stream",
                      "org.jspecify.annotations")
                  .and(
                      not(
                          describe(
                              "a clock, chance or the process",
                              type ->
                                  type.isAssignableTo(InstantSource.class)
                                      || type.getName().matches(IMPURE_TYPES)))))
          .andShould(
              never(
                  accessTargetWhere(
                      describe(
                          "the time, chance, threads or a default of the process",
                          access -> access.getName().matches(IMPURE_METHODS)))))
          .because(
              "the same input must give the same answer, in a test and after an incident: time and"
                  + " chance are arguments");

  private static void check(ArchRule rule) {
    rule.check(CLASSES);
  }

  @Test
  void theCoordinatorKnowsAgentsByTheirProtocolOnly() {
    check(
        noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.ramet.agent..")
            .because("the agent is another program on another host, maybe of another version"));
  }

  @Test
  void drivesArraysThroughTheirContractOnly() {
    check(
        noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                "dev.ramet.storage.linux..",
                "dev.ramet.storage.iscsi..",
                "dev.ramet.storage.linuxtarget..")
            .because("a new array driver must need no change of the coordinator"));
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages(
                "..coordinator.arrays..", "..coordinator.api..", "..coordinator.fleet..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.ramet.storage..")
            .because("to all but them, storage is what agents tell of"));
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
            .resideOutsideOfPackages(
                "..coordinator.api..",
                "..coordinator.arrays..",
                "..coordinator.reconcile..",
                "..coordinator.records..",
                "..coordinator.store..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.ramet.proto.store..", "dev.ramet.proto.v1..")
            .because(
                "the record protos are the model of store, records, reconcile and api; a second"
                    + " model beside them would only be copied to and fro"));
  }

  @Test
  void messagesAreHandledWhereTheyAreReadOrSent() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages(
                "..coordinator.api..",
                "..coordinator.fleet..",
                "..coordinator.reconcile..",
                "..coordinator.records..",
                "..coordinator.store..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.google.protobuf..")
            .because("the library goes where the generated types go"));
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages("..coordinator.api..", "..coordinator.fleet..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.google.rpc..")
            .because("what an error looks like on the wire is known where it is sent or read"));
  }

  @Test
  void decidingIsPure() {
    check(PURE);
    JavaClasses impure = new ClassFileImporter().importClasses(Impure.class);
    for (JavaMethod method : impure.get(Impure.class).getMethods()) {
      assertThat(PURE.evaluate(impure).getFailureReport().getDetails())
          .as("the rule sees what is wrong in %s", method.getName())
          .anyMatch(detail -> detail.contains("." + method.getName() + "("));
    }
  }

  /** What the rule of purity has to find: one thing in each method. */
  @SuppressWarnings("unused")
  private static final class Impure {
    Object instant() {
      return Instant.now();
    }

    Object localTime() {
      return LocalDateTime.now(ZoneOffset.UTC);
    }

    Object year() {
      return Year.now();
    }

    Object clock() {
      return Clock.systemUTC();
    }

    Object millis(InstantSource source) {
      return source.millis();
    }

    Object date() {
      return new Date();
    }

    Object nanos() {
      return System.nanoTime();
    }

    Object variable() {
      return System.getenv("HOME");
    }

    Object random() {
      return Math.random();
    }

    Object generator() {
      return new SplittableRandom();
    }

    Object uuid() {
      return UUID.randomUUID();
    }

    Object file() {
      return Path.of("/etc/hosts").toFile();
    }

    Object thread() {
      return Thread.currentThread();
    }

    Object parallel(List<String> list) {
      return list.parallelStream();
    }

    Object locale() {
      return Locale.getDefault();
    }
  }

  @Test
  void itStartsNoProgram() {
    check(
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
            .because("the coordinator decides, agents do"));
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
    check(
        slices()
            .matching("dev.ramet.coordinator.(*)..")
            .should()
            .beFreeOfCycles()
            .because("a part that can be understood and tested alone needs a direction"));
  }
}
