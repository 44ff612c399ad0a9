package dev.ramet.proto;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.DebugFormat;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Message;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Secrets in all our messages: which fields they are, and that DebugFormat does not show them. */
class RedactionTest {
  private static final String SECRET = "s3cret";

  /** Everything generated, from the files that were generated. */
  static List<Class<?>> generated() throws IOException, URISyntaxException {
    Path root =
        Path.of(
            dev.ramet.proto.v1.Clone.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
    try (Stream<Path> files = Files.walk(root)) {
      List<Class<?>> classes = new ArrayList<>();
      for (Path file : files.filter(f -> f.toString().endsWith(".class")).sorted().toList()) {
        String name = root.relativize(file).toString().replace('/', '.');
        classes.add(load(name.substring(0, name.length() - ".class".length())));
      }
      return classes;
    }
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(name);
    } catch (ClassNotFoundException error) {
      throw new AssertionError(error);
    }
  }

  static List<Message> messages() throws IOException, URISyntaxException {
    return generated().stream()
        .filter(type -> Message.class.isAssignableFrom(type) && !type.isInterface())
        .map(RedactionTest::prototype)
        .toList();
  }

  private static Message prototype(Class<?> type) {
    try {
      return (Message) type.getMethod("getDefaultInstance").invoke(null);
    } catch (ReflectiveOperationException error) {
      throw new AssertionError(error);
    }
  }

  /** Those that hold a secret, by themselves or in something within them. */
  static Stream<Message> secretive() throws IOException, URISyntaxException {
    return messages().stream().filter(message -> holdsSecret(message.getDescriptorForType()));
  }

  private static boolean holdsSecret(Descriptor type) {
    return reachable(type, new HashSet<>()).stream()
        .flatMap(reached -> reached.getFields().stream())
        .anyMatch(RedactionTest::isSecret);
  }

  private static Set<Descriptor> reachable(Descriptor type, Set<Descriptor> seen) {
    if (seen.add(type)) {
      type.getFields().stream()
          .filter(field -> field.getJavaType() == FieldDescriptor.JavaType.MESSAGE)
          .forEach(field -> reachable(field.getMessageType(), seen));
    }
    return seen;
  }

  private static boolean isSecret(FieldDescriptor field) {
    return field.getOptions().getDebugRedact();
  }

  /** With every secret in it, also in what is within it. */
  private static Message filled(Message empty) {
    Message.Builder builder = empty.newBuilderForType();
    for (FieldDescriptor field : empty.getDescriptorForType().getFields()) {
      if (isSecret(field) && field.isMapField()) {
        set(builder, field, secretEntry(builder.newBuilderForField(field)));
      } else if (isSecret(field)) {
        set(builder, field, secret(field));
      } else if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
          && holdsSecret(field.getMessageType())) {
        set(builder, field, filled(builder.newBuilderForField(field).build()));
      } else if (field.getName().equals("name")) {
        set(builder, field, "shown");
      }
    }
    return builder.build();
  }

  private static Message secretEntry(Message.Builder entry) {
    Descriptor type = entry.getDescriptorForType();
    return entry
        .setField(type.findFieldByName("key"), "shown")
        .setField(type.findFieldByName("value"), SECRET)
        .build();
  }

  private static Object secret(FieldDescriptor field) {
    return field.getJavaType() == FieldDescriptor.JavaType.BYTE_STRING
        ? ByteString.copyFromUtf8(SECRET)
        : SECRET;
  }

  private static void set(Message.Builder builder, FieldDescriptor field, Object value) {
    if (field.isRepeated()) {
      builder.addRepeatedField(field, value);
    } else {
      builder.setField(field, value);
    }
  }

  @ParameterizedTest
  @MethodSource("secretive")
  void debugFormatHidesEverySecret(Message empty) {
    Message message = filled(empty);
    assertThat(message.toByteString().toStringUtf8()).contains(SECRET);
    assertThat(DebugFormat.singleLine().toString(message))
        .contains("[REDACTED]")
        .doesNotContain(SECRET);
    assertThat(DebugFormat.multiline().toString(message))
        .contains("[REDACTED]")
        .doesNotContain(SECRET);
    assertThat(DebugFormat.singleLine().lazyToString(message).toString()).doesNotContain(SECRET);
  }

  /**
   * Why nobody may print a message otherwise: {@code toString} is final, does not heed {@code
   * debug_redact}, and is set for a thread only. If this fails, the library has become safe.
   */
  @ParameterizedTest
  @MethodSource("secretive")
  void toStringHidesNone(Message empty) {
    assertThat(filled(empty).toString()).contains(SECRET);
  }

  @Test
  void allOurFilesAreLookedAt() throws Exception {
    Set<String> sources;
    Path root = Path.of("src/main/proto");
    try (Stream<Path> files = Files.walk(root)) {
      sources =
          files
              .filter(file -> file.toString().endsWith(".proto"))
              .map(file -> root.relativize(file).toString())
              .collect(Collectors.toSet());
    }
    assertThat(messages())
        .extracting(message -> message.getDescriptorForType().getFile())
        .extracting(FileDescriptor::getName)
        .containsAll(sources)
        .allMatch(sources::contains);
  }

  /** A new field by such a name has to be looked at: is it a secret, or why not? */
  @Test
  void whatSoundsLikeASecretIsMarked() throws Exception {
    Set<String> marked = new TreeSet<>();
    Set<String> suspects = new TreeSet<>();
    for (Message message : messages()) {
      for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
        if (isSecret(field)) {
          marked.add(field.getFullName());
        } else if (field.getJavaType() == FieldDescriptor.JavaType.STRING
            && field
                .getName()
                .matches(".*(pass|secret|token|credential|auth|key|url|uri|location|source).*")) {
          suspects.add(field.getFullName());
        }
      }
    }
    assertThat(marked)
        .containsExactlyInAnyOrder(
            "ramet.agent.v1.Chap.secret",
            "ramet.agent.v1.ConnectRequest.data",
            "ramet.agent.v1.ConnectResponse.data",
            "ramet.agent.v1.Source.location",
            "ramet.agent.v1.StartInstanceRequest.password",
            "ramet.store.v1.ArraySecretRecord.chap_key",
            "ramet.store.v1.ArraySecretRecord.secrets",
            "ramet.store.v1.CloneAssignment.password",
            "ramet.store.v1.SecretRecord.source",
            "ramet.v1.BuildImageRequest.source",
            "ramet.v1.Clone.password",
            "ramet.v1.Clone.url",
            "ramet.v1.ConnectRequest.data",
            "ramet.v1.ConnectResponse.data",
            "ramet.v1.CreateArrayRequest.secrets");
    assertThat(suspects)
        .filteredOn(name -> !name.endsWith("page_token"))
        .as("ids of volumes, a version, and what is said without any password")
        .containsExactlyInAnyOrder(
            "ramet.agent.v1.CreateSnapshotRequest.source",
            "ramet.agent.v1.Snapshot.source",
            "ramet.agent.v1.SnapshotChunk.source",
            "ramet.agent.v1.SnapshotTargetVolumeRequest.source",
            "ramet.agent.v1.SourceReport.source_version",
            "ramet.store.v1.RevisionRecord.source_description",
            "ramet.v1.Revision.source");
  }
}
