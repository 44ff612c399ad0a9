package dev.ramet.agent.engine.postgres;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** Recognises a dump by its content, never by its name. */
final class DumpProbe {
  private static final int HEAD_BYTES = 64 * 1024;
  private static final int TAR_MAGIC_OFFSET = 257;
  private static final String TOC = "toc.dat";
  private static final Pattern DUMPED_FROM =
      Pattern.compile("-- Dumped from database version (\\S+)");
  private static final Pattern DUMPED_BY = Pattern.compile("-- Dumped by pg_dump version (\\S+)");
  private static final Pattern STATEMENT =
      Pattern.compile(
          "(?is)\\A(?:\\s|--[^\\n]*\\n|/\\*.*?\\*/|\\\\[a-z]+[^\\n]*\\n)*"
              + "(?:SET|CREATE|ALTER|DROP|INSERT|COPY|BEGIN|START|SELECT|GRANT|COMMENT|DO|WITH|UPDATE|TRUNCATE)\\b.*");

  private final Path path;

  DumpProbe(Path path) {
    this.path = path;
  }

  DumpFile look() {
    if (!path.isAbsolute()) {
      throw new AgentException(
          AgentError.INVALID_ARGUMENT,
          "the source is neither a postgres:// URL nor an absolute path: " + path);
    }
    if (!Files.exists(path)) {
      throw new AgentException(
          AgentError.SOURCE_NOT_FOUND, "there is no file %s on this host".formatted(path));
    }
    if (!Files.isReadable(path)) {
      throw new AgentException(
          AgentError.SOURCE_NOT_FOUND,
          "%s is there, but the agent may not read it: change its permissions".formatted(path));
    }
    try {
      return Files.isDirectory(path) ? folder() : file();
    } catch (IOException e) {
      throw noDump("it cannot be read to the end of its head (%s)".formatted(e.getMessage()));
    }
  }

  private DumpFile folder() throws IOException {
    Path toc = path.resolve(TOC);
    if (!Files.isRegularFile(toc)) {
      throw noDump("a folder without a " + TOC);
    }
    ArchiveHeader header;
    try (InputStream in = Files.newInputStream(toc)) {
      header = ArchiveHeader.read(in);
    }
    long bytes;
    try (Stream<Path> files = Files.list(path)) {
      bytes = files.mapToLong(file -> file.toFile().length()).sum();
    }
    return archive(DumpFile.Form.DIRECTORY, DumpFile.Packing.NONE, header, bytes);
  }

  private DumpFile file() throws IOException {
    long bytes = Files.size(path);
    if (bytes == 0) {
      throw noDump("it is empty");
    }
    if (!Files.isRegularFile(path)) {
      throw noDump("it is no regular file");
    }
    DumpFile.Packing packing;
    try (InputStream in = Files.newInputStream(path)) {
      packing = Unpacking.packingOf(in.readNBytes(4));
    }
    byte[] head;
    try (InputStream in = Unpacking.open(path, packing, CountingInput.Listener.NONE)) {
      head = in.readNBytes(HEAD_BYTES);
    } catch (RuntimeException e) {
      throw new IOException(e.getMessage(), e);
    }
    if (head.length == 0) {
      throw noDump("it is empty inside");
    }
    String text = new String(head, StandardCharsets.ISO_8859_1);
    if (text.startsWith(ArchiveHeader.MAGIC)) {
      ArchiveHeader header = ArchiveHeader.read(new ByteArrayInputStream(head));
      return archive(DumpFile.Form.CUSTOM, packing, header, bytes);
    }
    return text.startsWith("ustar", TAR_MAGIC_OFFSET)
        ? tar(packing, bytes)
        : sql(new String(head, StandardCharsets.UTF_8), packing, bytes);
  }

  private DumpFile tar(DumpFile.Packing packing, long bytes) throws IOException {
    try (TarArchiveInputStream tar =
        new TarArchiveInputStream(Unpacking.open(path, packing, CountingInput.Listener.NONE))) {
      // pg_dump -Ft begins with the bare table of contents; its header is the same in both forms.
      DumpFile.Form form = DumpFile.Form.TAR;
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        if (!entry.getName().equals(TOC)) {
          form = DumpFile.Form.DIRECTORY_IN_TAR;
        }
        if (entry.isFile()
            && (entry.getName().equals(TOC) || entry.getName().endsWith("/" + TOC))) {
          return archive(form, packing, ArchiveHeader.read(tar), bytes);
        }
      }
    }
    throw noDump("a tar file without a " + TOC);
  }

  private DumpFile archive(
      DumpFile.Form form, DumpFile.Packing packing, ArchiveHeader header, long bytes) {
    return new DumpFile(
        path,
        form,
        packing,
        header.sourceVersion().replaceFirst(" .*", ""),
        header.toolVersion().replaceFirst(" .*", ""),
        bytes);
  }

  private DumpFile sql(String head, DumpFile.Packing packing, long bytes) {
    String start = head.stripLeading().toLowerCase(Locale.ROOT);
    if (head.indexOf('\0') >= 0 || head.chars().filter(c -> c == '\uFFFD').count() > 64) {
      throw noDump("neither an archive of pg_dump nor text");
    }
    if (start.startsWith("<")) {
      throw noDump("it is HTML or XML: was it downloaded from a page that asked for a login?");
    }
    for (String other : List.of("mysql dump", "mariadb dump", "sqlite format", "pragma foreign")) {
      if (start.lines().limit(3).anyMatch(line -> line.contains(other))) {
        throw noDump("it is a dump of another database system");
      }
    }
    boolean cluster = head.contains("-- PostgreSQL database cluster dump");
    boolean ours = cluster || head.contains("-- PostgreSQL database dump");
    if (!ours && !STATEMENT.matcher(head).matches()) {
      throw noDump("its text does not begin with SQL");
    }
    return new DumpFile(
        path,
        cluster ? DumpFile.Form.CLUSTER : DumpFile.Form.PLAIN,
        packing,
        first(DUMPED_FROM, head),
        first(DUMPED_BY, head),
        bytes);
  }

  private static String first(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.find() ? matcher.group(1) : "";
  }

  private AgentException noDump(String why) {
    return new AgentException(
        AgentError.SOURCE_NOT_A_DUMP,
        "%s is no dump that PostgreSQL can restore: %s".formatted(path, why));
  }
}
