package dev.ramet.agent.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ramet.agent.engine.LoadRequest;
import dev.ramet.agent.engine.Source;
import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.runtime.Identity;
import dev.ramet.agent.runtime.RuntimeReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Finding an instance's files in a volume and renaming them into our layout; no server runs. */
class AdoptionTest {
  private static final String MOUNT = "/srv/db";
  private static final int CATALOG = 202209061;
  private static final Identity OWNER = new Identity(4711, 4712);
  private static final RuntimeReport RUNTIME =
      new RuntimeReport("process", "", Map.of("postgres", List.of("14", "15")));

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"", "data", "15/main", "lib/pgsql/15/data"})
  void aVolumeEndsAsOursWhereverTheDataLay(String place) throws IOException {
    Path root = volume("v", place);
    adopt(root, "volume:");
    assertOurs(root);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "data", "15/main"})
  void cutShortBeforeAnyStepItGoesOn(String place) throws IOException {
    for (int cut = 1; ; cut++) {
      Path root = volume("cut-" + cut, place);
      boolean wasCut = adoptUntil(cut, root);
      adopt(root, "volume:");
      assertOurs(root);
      if (!wasCut) {
        assertThat(cut).isGreaterThan(10);
        return;
      }
    }
  }

  private boolean adoptUntil(int cut, Path root) {
    AtomicInteger steps = new AtomicInteger();
    AdoptionPlan plan = plan(root, "volume:");
    try {
      new Adoption(
              new VolumeLayout(root),
              OWNER,
              plan,
              () -> {
                if (steps.incrementAndGet() == cut) {
                  throw new IllegalStateException("cut");
                }
              })
          .run();
      return false;
    } catch (IllegalStateException e) {
      return true;
    }
  }

  @Test
  void whatTheLoadHasDoneIsDoneAgain() throws IOException {
    Path root = volume("v", "15/main");
    adopt(root, "volume:");
    adopt(root, "volume:");
    assertOurs(root);
    assertThat(root.resolve("ramet/source/postgresql.conf")).content().contains("include");
  }

  @Test
  void settingsAreReadFromTheFilesOfTheDataDirectoryAlone() throws IOException {
    Path root = volume("v", "15/main");
    Path outside = Files.writeString(folder.resolve("outside.conf"), "work_mem = '1GB'\n");
    Files.writeString(
        root.resolve("15/main/postgresql.conf"),
        """
        # max_connections = 1
        Max_Connections = 77   # of the file
        include 'own.conf'
        include '%s'
        include_if_exists = '../../../outside.conf'
        include_dir 'conf.d'
        search_path '"$user", o''neill\\\\x'
        archive_command = 'touch /tmp/x'
        bad = 'a\\nb'
        """
            .formatted(outside));
    Files.writeString(root.resolve("15/main/own.conf"), "timezone=Europe/Berlin\n");
    Files.createDirectory(root.resolve("15/main/conf.d"));
    Files.writeString(root.resolve("15/main/conf.d/1.conf"), "jit = off\n");
    Files.createSymbolicLink(root.resolve("15/main/conf.d/2.conf"), outside);
    Files.writeString(root.resolve("15/main/postgresql.auto.conf"), "max_connections = '78'\n");
    assertThat(SourceSettings.of(root.resolve("15/main")))
        .isEqualTo(
            Map.of(
                "max_connections",
                "78",
                "timezone",
                "Europe/Berlin",
                "jit",
                "off",
                "search_path",
                "\"$user\", o'neill\\x",
                "archive_command",
                "touch /tmp/x"));
  }

  @Test
  void severalDataDirectoriesAreNamedAndOneCanBeChosen() throws IOException {
    Path root = volume("v", "15/main");
    dataFolder(root.resolve("14/main"), "14");
    assertThat(refused(root, "volume:", AgentError.SOURCE_NOT_FOUND))
        .hasMessageContaining("'14/main' (PostgreSQL 14), '15/main' (PostgreSQL 15)")
        .hasMessageContaining("'volume:14/main'");
    adopt(root, "volume:15/main/");
    assertOurs(root);
  }

  @Test
  void whereThereIsNoneTheTopIsTold() throws IOException {
    Path root = Files.createDirectories(folder.resolve("none"));
    Files.createDirectories(root.resolve("a/b/c/d"));
    dataFolder(root.resolve("a/b/c/d/e"), "15");
    Files.createDirectory(root.resolve("lost+found"));
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    dataFolder(elsewhere, "15");
    Files.createSymbolicLink(root.resolve("link"), elsewhere);
    assertThat(refused(root, "volume:", AgentError.SOURCE_NOT_FOUND))
        .hasMessageContaining("holds no PostgreSQL data directory")
        .hasMessageContaining("at its top: a, link, lost+found");
    for (String wanted : List.of("link", "a", "no/such")) {
      assertThat(refused(root, "volume:" + wanted, AgentError.SOURCE_NOT_FOUND))
          .hasMessageContaining("'%s' in volume 'v' is no PostgreSQL".formatted(wanted));
    }
    for (String wanted : List.of("/etc", "../elsewhere", "a/../../elsewhere")) {
      refused(root, "volume:" + wanted, AgentError.INVALID_ARGUMENT);
    }
  }

  @Test
  void aVersionThatCannotRunHereIsRefused() throws IOException {
    Path root = volume("v", "main");
    Files.writeString(root.resolve("main/PG_VERSION"), "9.6\n");
    assertThat(refused(root, "volume:", AgentError.SOURCE_VERSION_UNSUPPORTED))
        .hasMessageContaining("PostgreSQL 9.6")
        .hasMessageContaining("[14, 15]");
    Files.writeString(root.resolve("main/PG_VERSION"), "15\n");
    assertThat(
            catchThrowableOfType(
                AgentException.class,
                () -> AdoptionPlanner.plan(request(root, "volume:", "14"), "f", RUNTIME)))
        .hasMessageContaining("ask for postgres:15");
  }

  @Test
  void theLogElsewhereIsNamed() throws IOException {
    Path root = volume("v", "15/main");
    Path wal = root.resolve("15/main/pg_wal");
    Files.delete(wal);
    Files.createSymbolicLink(wal, Path.of("/wal/15"));
    assertThat(refused(root, "volume:", AgentError.SOURCE_NOT_FOUND))
        .hasMessageContaining("write-ahead log is at /wal/15")
        .hasMessageContaining("mounted at " + MOUNT);
    Files.delete(wal);
    Files.createDirectory(wal);
    assertThat(refused(root, "volume:", AgentError.SOURCE_NOT_FOUND))
        .hasMessageContaining("pg_wal is empty");
  }

  @Test
  void aTablespaceElsewhereOrOnlyItsMountPointIsNamed() throws IOException {
    Path root = volume("v", "15/main");
    Path link = root.resolve("15/main/pg_tblspc/16400");
    Files.createSymbolicLink(link, Path.of("/fast/ts"));
    Files.createDirectory(root.resolve("mounted-there"));
    Files.createSymbolicLink(
        root.resolve("15/main/pg_tblspc/16401"), Path.of(MOUNT, "mounted-there"));
    assertThat(refused(root, "volume:", AgentError.SOURCE_NOT_FOUND))
        .hasMessageContaining("/fast/ts (oid 16400), /srv/db/mounted-there (oid 16401)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"base/5/1259", "pg_xact", "global/1260"})
  void aLinkInPlaceOfDataIsRefusedAndNotFollowed(String place) throws IOException {
    Path root = volume("v", "15/main");
    Path link = root.resolve("15/main").resolve(place);
    Files.createDirectories(link.getParent());
    VolumeLayout.removeTree(link);
    Files.createSymbolicLink(link, folder);
    assertThat(refused(root, "volume:", AgentError.SOURCE_NOT_FOUND)).hasMessageContaining(place);
  }

  @Test
  void anAdoptionThatIsNotOursIsRefused() throws IOException {
    Path root = volume("v", "15/main");
    Path foreign = Files.createDirectory(root.resolve(VolumeLayout.ADOPTING));
    Files.createSymbolicLink(foreign.resolve("plan.json"), Path.of("/etc/passwd"));
    AgentException refused =
        catchThrowableOfType(AgentException.class, () -> AdoptionPlan.read(new VolumeLayout(root)));
    assertThat(refused.error()).isEqualTo(AgentError.SOURCE_NOT_FOUND);
  }

  private void adopt(Path root, String source) {
    new Adoption(new VolumeLayout(root), OWNER, plan(root, source)).run();
  }

  private AdoptionPlan plan(Path root, String source) {
    Optional<AdoptionPlan> begun = AdoptionPlan.read(new VolumeLayout(root));
    return begun.orElseGet(() -> AdoptionPlanner.plan(request(root, source, ""), "f", RUNTIME));
  }

  private AgentException refused(Path root, String source, AgentError error) throws IOException {
    List<String> before = names(root);
    AgentException refused = catchThrowableOfType(AgentException.class, () -> plan(root, source));
    assertThat(refused).isNotNull();
    assertThat(refused.error()).as(refused.getMessage()).isEqualTo(error);
    assertThat(names(root)).as("nothing was altered").isEqualTo(before);
    return refused;
  }

  private static LoadRequest request(Path root, String source, String version) {
    return new LoadRequest("p", "v", root, version, new Source(source), "", "", () -> 1L);
  }

  /**
   * With its log beside the data, a tablespace in a folder that holds more, one in the data
   * directory itself, and things that are nobody's business.
   */
  private Path volume(String name, String place) throws IOException {
    Path root = Files.createDirectories(folder.resolve(name));
    Path data = root.resolve(place);
    dataFolder(data, "15");
    VolumeLayout.removeTree(data.resolve("pg_wal"));
    Path there = Path.of(MOUNT).resolve(place);
    String wal = place.isEmpty() ? "the log" : "wal";
    Files.createDirectories(root.resolve(wal));
    Files.writeString(root.resolve(wal).resolve("000000010000000000000001"), "log");
    Files.createSymbolicLink(data.resolve("pg_wal"), Path.of(MOUNT, wal));
    tablespace(root.resolve("spaces/fast"), 16390);
    Files.createSymbolicLink(data.resolve("pg_tblspc/16390"), Path.of(MOUNT, "spaces", "fast"));
    tablespace(data.resolve("inner"), 16391);
    Files.createSymbolicLink(data.resolve("pg_tblspc/16391"), Path.of("../inner"));
    Files.writeString(data.resolve("postmaster.pid"), "1\n" + there + "\n");
    Files.createDirectories(root.resolve("ramet"));
    Files.writeString(root.resolve("ramet/foreign"), "x");
    Files.createSymbolicLink(root.resolve("run"), Path.of("/etc"));
    Files.createDirectories(root.resolve("lost+found"));
    Files.writeString(root.resolve("lost+found/1"), "x");
    return root;
  }

  private static void tablespace(Path place, int oid) throws IOException {
    Path database = Files.createDirectories(place.resolve("PG_15_" + CATALOG).resolve("5"));
    Files.writeString(database.resolve("1"), "" + oid);
    Files.createDirectories(place.resolve("PG_14_1"));
  }

  private static void dataFolder(Path data, String version) throws IOException {
    for (String name : List.of("base/5", "global", "pg_wal", "pg_tblspc", "pg_replslot/gone")) {
      Files.createDirectories(data.resolve(name));
    }
    Files.writeString(data.resolve("PG_VERSION"), version + "\n");
    Files.writeString(data.resolve("base/5/1"), "rows");
    Files.writeString(data.resolve("pg_wal/000000010000000000000001"), "log");
    Files.writeString(data.resolve("postgresql.conf"), "include 'x'\n");
    Files.writeString(data.resolve("standby.signal"), "");
    Files.createSymbolicLink(data.resolve("server.key"), Path.of("/etc/ssl/private/key"));
    Files.createSymbolicLink(data.resolve("pg_stat_tmp"), Path.of("/dev/shm"));
    byte[] control = new byte[8192];
    for (int i = 0; i < 4; i++) {
      control[12 + i] = (byte) (CATALOG >>> 8 * i);
    }
    Files.write(data.resolve("global/pg_control"), control);
  }

  private static void assertOurs(Path root) throws IOException {
    try (Stream<Path> top = Files.list(root)) {
      assertThat(top.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder(
              ".ramet-adopting", "data", "log", "lost+found", "ramet", "run", "tablespaces");
    }
    assertThat(root.resolve("lost+found/1")).exists();
    assertThat(root.resolve("ramet/foreign")).doesNotExist();
    assertThat(root.resolve("run")).isEmptyDirectory();
    Path data = root.resolve("data");
    assertThat(data.resolve("base/5/1")).hasContent("rows");
    assertThat(data.resolve("pg_wal/000000010000000000000001")).hasContent("log");
    assertThat(Files.isSymbolicLink(data.resolve("pg_wal"))).isFalse();
    assertThat(data.resolve("pg_replslot")).isEmptyDirectory();
    assertThat(data.resolve("pg_stat_tmp")).isEmptyDirectory();
    for (String gone :
        List.of("standby.signal", "postmaster.pid", "postgresql.conf", "server.key")) {
      assertThat(Files.exists(data.resolve(gone), LinkOption.NOFOLLOW_LINKS)).as(gone).isFalse();
    }
    for (int oid : List.of(16390, 16391)) {
      Path link = data.resolve("pg_tblspc/" + oid);
      assertThat(Files.readSymbolicLink(link)).isEqualTo(Path.of("../../tablespaces/" + oid));
      assertThat(link.resolve("PG_15_%d/5/1".formatted(CATALOG))).hasContent("" + oid);
      assertThat(link.resolve("PG_14_1")).doesNotExist();
    }
    try (Stream<Path> all = Files.walk(data)) {
      assertThat(all)
          .allSatisfy(path ->
              assertThat(Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS))
                  .isEqualTo(OWNER.uid()));
    }
  }

  private static List<String> names(Path root) throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      return all.map(Path::toString).sorted().toList();
    }
  }
}
