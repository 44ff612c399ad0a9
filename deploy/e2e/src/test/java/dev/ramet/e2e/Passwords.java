package dev.ramet.e2e;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.ramet.proto.store.v1.CloneRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The passwords of a run, none of which may stand where others can read it. */
final class Passwords {
  private final Set<String> all = new TreeSet<>(SourceServer.PASSWORDS);

  /** Those of its sources, and of each clone that there ever was. */
  static Passwords of(Lab lab) throws IOException, InterruptedException {
    Passwords passwords = new Passwords();
    for (byte[] record : lab.etcd().everWritten("/ramet/v1/clones/")) {
      passwords.add(record);
    }
    return passwords;
  }

  private void add(byte[] record) throws InvalidProtocolBufferException {
    String password = CloneRecord.parseFrom(record).getAssignment().getPassword();
    if (!password.isEmpty()) {
      all.add(password);
    }
  }

  boolean isIn(String text) {
    return all.stream().anyMatch(text::contains);
  }

  /** FILE:LINE of each line of a file in the directory that holds one. */
  List<String> inFiles(Path directory) throws IOException {
    List<String> found = new ArrayList<>();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        int number = 0;
        for (String line : Files.readString(file, StandardCharsets.ISO_8859_1).lines().toList()) {
          number++;
          if (isIn(line)) {
            found.add(file.getFileName() + ":" + number);
          }
        }
      }
    }
    return found;
  }
}
