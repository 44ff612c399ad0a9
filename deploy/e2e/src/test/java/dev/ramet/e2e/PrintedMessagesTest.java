package dev.ramet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ramet.proto.v1.Clone;
import dev.ramet.proto.v1.CloneOrBuilder;
import java.io.PrintStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.constant.ClassDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** No shipped code prints a protobuf message: its toString shows passwords. */
class PrintedMessagesTest {
  private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();

  /** The library's types that print what they hold; a time or a duration may be printed. */
  private static final List<String> OF_THE_LIBRARY =
      List.of(
          "Message",
          "MessageLite",
          "MessageOrBuilder",
          "MessageLiteOrBuilder",
          "AbstractMessage",
          "AbstractMessageLite",
          "GeneratedMessage",
          "DynamicMessage",
          "Message$Builder",
          "MessageLite$Builder",
          "Any",
          "ByteString",
          "UnknownFieldSet");

  private final Map<String, Boolean> known = new HashMap<>();

  private boolean isMessage(ClassDesc type) {
    if (!type.isClassOrInterface()) {
      return false;
    }
    String binary = type.descriptorString().substring(1, type.descriptorString().length() - 1);
    return binary.startsWith("com/google/protobuf/")
        ? OF_THE_LIBRARY.contains(binary.substring("com/google/protobuf/".length()))
        : known.computeIfAbsent(binary, PrintedMessagesTest::isGeneratedMessage);
  }

  private static boolean isGeneratedMessage(String binary) {
    if (!binary.startsWith("dev/ramet/proto/")) {
      return false;
    }
    try {
      ClassModel type =
          ClassFile.of().parse(ROOT.resolve("proto/target/classes/" + binary + ".class"));
      String parent = type.superclass().map(name -> name.asInternalName()).orElse("");
      return parent.startsWith("com/google/protobuf/GeneratedMessage")
          || binary.endsWith("OrBuilder");
    } catch (java.io.IOException error) {
      throw new java.io.UncheckedIOException(error);
    }
  }

  @Test
  void noShippedCodePrintsAMessage() throws Exception {
    List<Path> shipped =
        Stream.of("agent", "coordinator", "client", "cli")
            .map(module -> ROOT.resolve(module).resolve("target/classes"))
            .toList();
    assertThat(shipped).allMatch(Files::isDirectory, "is built");
    assertThat(new PrintedMessages(this::isMessage).in(shipped))
        .as("log single fields, or DebugFormat.singleLine().toString(message)")
        .isEmpty();
  }

  @Test
  void everyWayOfPrintingOneIsFound() throws Exception {
    Path classes =
        Path.of(
            PrintedMessagesTest.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    List<String> found =
        new PrintedMessages(this::isMessage)
            .in(List.of(classes)).stream()
                .filter(finding -> finding.contains("PrintedMessagesTest$Printing"))
                .map(finding -> finding.substring(finding.indexOf('$') + 1))
                .toList();
    assertThat(found)
        .containsExactlyInAnyOrder(
            "Printing.plainly: toString of Clone",
            "Printing.builder: toString of Clone$Builder",
            "Printing.concatenated: valueOf of Clone",
            "Printing.concatenatedInterface: valueOf of CloneOrBuilder",
            "Printing.valueOf: valueOf of Clone",
            "Printing.appended: append of Clone",
            "Printing.formatted: an argument of Clone",
            "Printing.objects: toString of Clone",
            "Printing.afterAnother: valueOf of Clone",
            "Printing.printed: println of Clone",
            "Printing.reference: ::toString of Clone",
            "Printing.valueReference: ::valueOf of Clone",
            "PrintingRecord.toString: of a record of Clone");
  }

  /** Not what is allowed: single fields, enums, and a list that is no text. */
  @SuppressWarnings("unused")
  private static final class Printing {
    String plainly(Clone clone) {
      return clone.toString();
    }

    String builder(Clone.Builder clone) {
      return clone.toString();
    }

    String concatenated(Clone clone) {
      return "it is " + clone;
    }

    String concatenatedInterface(CloneOrBuilder clone) {
      return "it is " + clone;
    }

    String valueOf(Clone clone) {
      return String.valueOf(clone);
    }

    String appended(Clone clone) {
      return new StringBuilder().append(clone).toString();
    }

    String formatted(Clone clone) {
      return "it is %s".formatted(clone);
    }

    String objects(Clone clone) {
      return Objects.toString(clone);
    }

    String afterAnother(List<Clone> clones) {
      for (String name : List.of("a", "b")) {
        Objects.requireNonNull(name);
      }
      for (Clone clone : clones) {
        return String.valueOf(clone);
      }
      return "";
    }

    void printed(PrintStream out, Clone clone) {
      out.println(clone);
    }

    Function<Clone, String> reference() {
      return Clone::toString;
    }

    Function<Clone, String> valueReference() {
      return String::valueOf;
    }

    String allowed(Clone clone) {
      return "%s is %s on %s".formatted(clone.getName(), clone.getState(), List.of(clone).size());
    }
  }

  private record PrintingRecord(String name, Clone one) {}

  /** Allowed: it says itself how it is printed. */
  private record PrintingKnown(String name, Clone one) {
    @Override
    public String toString() {
      return name;
    }
  }
}
