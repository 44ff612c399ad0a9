package dev.ramet.coordinator.testing;

import io.etcd.jetcd.Client;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Real etcd processes on free ports in a temporary folder, for the tests of one class:
 * {@code @RegisterExtension static final EtcdCluster etcd = EtcdCluster.ofThree();}. All is gone
 * afterwards.
 */
public class EtcdCluster implements BeforeAllCallback, AfterAllCallback {
  private final int size;
  private final Map<String, EtcdNode> nodes = new LinkedHashMap<>();
  private Path dir;
  private Thread atExit;

  EtcdCluster(int size) {
    this.size = size;
  }

  public static EtcdCluster ofThree() {
    return new EtcdCluster(3);
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    try {
      dir = Files.createTempDirectory("ramet-etcd-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    atExit = new Thread(this::killAll);
    Runtime.getRuntime().addShutdownHook(atExit);
    for (int i = 0; i < size; i++) {
      nodes.put("etcd-" + i, new EtcdNode("etcd-" + i, dir));
    }
    nodes().forEach(node -> node.launch(nodes));
    nodes().forEach(EtcdNode::awaitHealthy);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    killAll();
    Runtime.getRuntime().removeShutdownHook(atExit);
    EtcdNode.deleteTree(dir);
  }

  public List<URI> endpoints() {
    return nodes().stream().map(EtcdNode::endpoint).toList();
  }

  public List<EtcdNode> nodes() {
    return List.copyOf(nodes.values());
  }

  /** Starts a killed node on its old data and port. */
  public void restart(EtcdNode node) {
    node.launch(nodes);
    node.awaitHealthy();
  }

  /** The node that leads the others. */
  public EtcdNode leader() {
    for (EtcdNode node : nodes()) {
      try (Client client = Client.builder().endpoints(node.endpoint()).build()) {
        var status =
            client
                .getMaintenanceClient()
                .statusMember(node.endpoint().toString())
                .get(5, TimeUnit.SECONDS);
        if (status.getLeader() == status.getHeader().getMemberId()) {
          return node;
        }
      } catch (Exception e) {
        throw new AssertionError("the status of " + node.endpoint() + " cannot be read", e);
      }
    }
    throw new AssertionError("no etcd leads");
  }

  private void killAll() {
    nodes().forEach(EtcdNode::kill);
  }
}
