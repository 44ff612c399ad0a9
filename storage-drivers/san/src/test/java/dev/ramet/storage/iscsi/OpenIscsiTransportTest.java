package dev.ramet.storage.iscsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ramet.storage.VolumeId;
import dev.ramet.storage.iscsi.Programs.Completed;
import dev.ramet.storage.linux.JnaKernel;
import dev.ramet.storage.linux.Kernel;
import dev.ramet.storage.san.Chap;
import dev.ramet.storage.san.LunAddress;
import dev.ramet.storage.san.TargetPortal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What open-iscsi is asked to do, and what its answers are taken for. */
class OpenIscsiTransportTest {
  private static final VolumeId ID = new VolumeId("c.1");
  private static final VolumeId OTHER = new VolumeId("c.2");
  private static final String WWID = "naa.624a9370a1b2c3d4000000000000001f";
  private static final String FOREIGN = "naa.624a9370a1b2c3d400000000000000ff";
  private static final String IQN = "iqn.2026-11.dev.ramet:t1";
  private static final TargetPortal PORTAL = new TargetPortal("10.0.0.5:3260", IQN);
  private static final TargetPortal SECOND = new TargetPortal("10.0.0.6:3260", IQN);
  private static final Chap CHAP = new Chap("host-a", "0123456789ab");
  private static final Chap BACK = new Chap("array", "ba9876543210");

  @TempDir Path directory;
  private final Kernel kernel = new JnaKernel();
  private FakeOpenIscsi host;
  private LunRecords records;
  private OpenIscsiTransport transport;

  @BeforeEach
  void start() throws IOException {
    host = new FakeOpenIscsi(directory.toRealPath());
    host.luns.put(WWID, "sdq");
    Layout layout = new Layout(directory.toRealPath().resolve("pool"));
    Files.createDirectories(layout.luns());
    Files.createDirectories(layout.mounts());
    records = new LunRecords(kernel, layout);
    transport =
        new OpenIscsiTransport(
            kernel,
            host,
            host.paths,
            (initiator, address) -> address.portals().getFirst(),
            Duration.ofSeconds(2),
            layout,
            "iqn.2026-11.dev.ramet:host-a");
  }

  private static LunAddress address(Chap chap, Chap targetChap, TargetPortal... portals) {
    return new LunAddress(List.of(portals), 1, WWID, chap, targetChap);
  }

  private Path connect(VolumeId id, LunAddress address) throws IOException {
    records.claim(id, address);
    return transport.connect(id, address);
  }

  @AfterEach
  void stop() {
    host.close();
  }

  @Test
  void sessionsAreReadAsTheyAreListed() {
    assertThat(
            IscsiSession.parse(
                """
                tcp: [1] 10.0.0.5:3260,1 iqn.2026-11.dev.ramet:t1 (non-flash)
                tcp: [12] [fd00::5]:3260,2 iqn.2010-06.com.example:array.4f
                iscsiadm: something else
                """))
        .containsExactly(
            new IscsiSession(1, "10.0.0.5:3260", IQN),
            new IscsiSession(12, "[fd00::5]:3260", "iqn.2010-06.com.example:array.4f"));
  }

  @Test
  void theDeviceIsTheOneOfTheWwidAndOnlyItsLunIsScanned() throws IOException {
    host.luns.put(FOREIGN, "sda");
    assertThat(connect(ID, address(null, null, PORTAL))).isEqualTo(host.paths.dev().resolve("sdq"));
    assertThat(transport.find(ID)).contains(host.paths.dev().resolve("sdq"));
    assertThat(host.paths.sys().resolve("class/scsi_host/host3/scan")).hasContent("0 0 1");
  }

  @Test
  void secretsAreInTheRecordThatOnlyRootReadsAndInNoCommand() throws IOException {
    connect(ID, address(CHAP, BACK, PORTAL));
    Path record = host.record(IQN, PORTAL.address());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(record)))
        .isEqualTo("rw-------");
    assertThat(Files.readAllLines(record))
        .contains(
            "node.session.scan = manual",
            "node.startup = manual",
            "node.session.auth.authmethod = CHAP",
            "node.session.auth.username = host-a",
            "node.session.auth.password = 0123456789ab",
            "node.session.auth.username_in = array",
            "node.session.auth.password_in = ba9876543210",
            "iface.iscsi_ifacename = default")
        .doesNotContain("node.session.scan = auto", "node.startup = automatic")
        .endsWith("# END RECORD");
    assertThat(host.commands).noneMatch(line -> line.contains("0123456789ab"));
    transport.disconnect(ID);
    assertThat(record).doesNotExist();
  }

  @Test
  void aSessionThatIsThereIsUsed() throws IOException {
    host.login(PORTAL.address(), IQN);
    connect(ID, address(null, null, PORTAL));
    assertThat(host.commands).containsExactly("iscsiadm -m session");
  }

  @Test
  void aSessionThatAppearsMeanwhileIsUsed() throws IOException {
    Iscsiadm iscsiadm = new Iscsiadm(new Racing(host, new Completed(15, "session exists")));
    assertThat(iscsiadm.login(PORTAL).number()).isEqualTo(1);
  }

  /** Somebody else logs in while we do. */
  private record Racing(FakeOpenIscsi host, Completed answer) implements Programs {
    @Override
    public boolean has(String program) {
      return true;
    }

    @Override
    public Completed run(Invocation invocation) throws IOException {
      if (invocation.toString().endsWith("--login")) {
        host.login(PORTAL.address(), IQN);
        return answer;
      }
      return host.run(invocation);
    }
  }

  @Test
  void anOldVersionsAnswerToAllIsLookedInto() throws IOException {
    assertThat(new Iscsiadm(new Racing(host, new Completed(255, ""))).login(PORTAL).number())
        .isEqualTo(1);
    host.answers.put("-m session", new Completed(255, "iscsiadm: No active sessions.\n"));
    assertThat(new Iscsiadm(host).sessions()).isEmpty();
    host.answers.put("-o delete", new Completed(255, "iscsiadm: no records found!\n"));
    new Iscsiadm(host).deleteRecord(PORTAL);
  }

  @Test
  void aLoginThatFailsSaysWhy() {
    host.answers.put("--login", new Completed(24, "iscsiadm: authorization failure\n"));
    assertThatThrownBy(() -> connect(ID, address(CHAP, null, PORTAL)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("CHAP refused")
        .hasMessageContaining("24");
    host.answers.put("--login", FakeOpenIscsi.NO_DAEMON);
    assertThatThrownBy(() -> connect(ID, address(CHAP, null, PORTAL)))
        .hasMessageContaining("could not connect to iscsid")
        .hasMessageContaining("systemctl start iscsid");
  }

  @Test
  void aLunThatDoesNotAppearIsSaidToBeMissing() {
    host.luns.clear();
    assertThatThrownBy(() -> connect(ID, address(null, null, PORTAL)))
        .hasMessageContaining("does not appear")
        .hasMessageContaining(WWID);
  }

  @Test
  void theLastLunOfASessionEndsIt() throws IOException {
    connect(ID, address(null, null, PORTAL));
    Path device = host.device(1, 1);
    transport.disconnect(ID);
    assertThat(device.resolve("delete")).hasContent("1");
    assertThat(transport.find(ID)).isEmpty();
    assertThat(host.commands)
        .endsWith(
            "blockdev --flushbufs " + host.paths.dev().resolve("sdq"),
            "iscsiadm -m session",
            "iscsiadm -m session -r 1 --logout",
            "iscsiadm -m node -T %s -p %s -o delete".formatted(IQN, PORTAL.address()));
  }

  @Test
  void aSessionThatAnotherOfOursUsesStays() throws IOException {
    connect(ID, address(null, null, PORTAL));
    records.claim(OTHER, new LunAddress(List.of(PORTAL), 2, FOREIGN, null, null));
    transport.disconnect(ID);
    assertThat(host.commands).noneMatch(line -> line.endsWith("--logout"));
    assertThat(host.record(IQN, PORTAL.address())).exists();
  }

  @Test
  void aSessionWithSomebodyElsesDeviceStays() throws IOException {
    host.luns.put(FOREIGN, "sda");
    connect(ID, address(null, null, PORTAL));
    transport.disconnect(ID);
    assertThat(host.commands).noneMatch(line -> line.endsWith("--logout"));
  }

  @Test
  void withMultipathAllPortalsAreUsedAndTheMapIsTheDevice() throws IOException {
    Files.writeString(host.paths.run().resolve("multipathd.pid"), "1");
    Path map = Files.createDirectories(host.paths.sys().resolve("class/block/dm-3/dm"));
    Files.writeString(map.resolve("uuid"), "mpath-3624a9370\n");
    Files.writeString(map.resolve("name"), "mpatha\n");
    host.login(PORTAL.address(), IQN);
    host.login(SECOND.address(), IQN);
    for (int session : new int[] {1, 2}) {
      Files.createDirectory(host.device(session, 1).resolve("block/sdq/holders/dm-3"));
    }
    assertThat(connect(ID, address(null, null, PORTAL, SECOND)))
        .isEqualTo(host.paths.dev().resolve("mapper/mpatha"));
    assertThat(host.paths.sys().resolve("class/scsi_host/host4/scan")).hasContent("0 0 1");
    transport.disconnect(ID);
    assertThat(host.commands).contains("multipath -f mpatha");
  }

  @Test
  void aSeveredLunIsOffline() throws IOException {
    connect(ID, address(null, null, PORTAL));
    transport.sever(ID);
    assertThat(Files.readString(host.device(1, 1).resolve("state"))).startsWith("offline");
  }
}
