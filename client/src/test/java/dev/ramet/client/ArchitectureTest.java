package dev.ramet.client;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.ramet.client");

  @Test
  void theClientStandsOnGrpcAndProtobufAlone() {
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "dev.ramet.client",
            "dev.ramet.proto.v1",
            "io.grpc..",
            "com.google.protobuf..",
            "com.google.rpc..",
            "org.jspecify..",
            "java..")
        .because("whoever uses the SDK takes over all of its dependencies")
        .check(CLASSES);
  }

  @Test
  void noPublicSignatureShowsGrpcOrProtobuf() {
    methods()
        .that()
        .arePublic()
        .and()
        .areDeclaredInClassesThat()
        .arePublic()
        .should(showOnlyOurTypes())
        .because("users of the SDK must not depend on the wire's types, which change with it")
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
        .because("whoever uses the SDK does not expect it to")
        .check(CLASSES);
  }

  private static ArchCondition<JavaMethod> showOnlyOurTypes() {
    return new ArchCondition<>("show only JDK types and the client's own") {
      @Override
      public void check(JavaMethod method, ConditionEvents events) {
        Stream.concat(Stream.of(method.getRawReturnType()), method.getRawParameterTypes().stream())
            .map(JavaClass::getBaseComponentType)
            .filter(type -> !isOurs(type))
            .forEach(type ->
                events.add(
                    SimpleConditionEvent.violated(
                        method, method.getFullName() + " shows " + type.getName())));
      }
    };
  }

  private static boolean isOurs(JavaClass type) {
    return type.isPrimitive()
        || type.getPackageName().startsWith("java.")
        || type.getPackageName().equals("dev.ramet.client");
  }
}
