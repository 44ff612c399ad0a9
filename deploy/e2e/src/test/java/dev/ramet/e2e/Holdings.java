package dev.ramet.e2e;

import dev.ramet.client.Clone;
import dev.ramet.client.Image;
import dev.ramet.client.Replica;
import dev.ramet.client.Revision;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * What an installation has on its hosts and in etcd, against what it should: everything that its
 * ready images and clones need, each once, and nothing else. A clone or a revision that failed is a
 * record with a reason; it holds no volume, port or secret.
 */
final class Holdings {
  private final Lab lab;
  private final List<String> differences = new ArrayList<>();

  private Holdings(Lab lab) {
    this.lab = lab;
  }

  /** One line for each kind of thing of which there is more or less than there should be. */
  static List<String> differences(Lab lab) throws IOException, InterruptedException {
    Holdings holdings = new Holdings(lab);
    holdings.compare();
    return holdings.differences;
  }

  private void compare() throws IOException, InterruptedException {
    List<Clone> all = lab.client().clones().list();
    List<Clone> ready = all.stream().filter(clone -> clone.state() == Clone.State.READY).toList();
    List<Clone> kept =
        all.stream()
            .filter(
                clone -> clone.state() == Clone.State.READY || clone.state() == Clone.State.STOPPED)
            .toList();
    List<String> volumes = ready.stream().map(Holdings::volume).toList();
    Traces traces = lab.traces();
    compare(
        "volumes",
        kept.stream().map(Holdings::volume).toList(),
        first(cut(traces.files("volumes"), ".raw")));
    compare("directories of mounts", volumes, first(traces.files("mnt")));
    compare("loop devices", volumes, first(traces.loopsOfVolumes()));
    compare("mounts", volumes, first(traces.mountsOfVolumes()));
    compare("servers", by("process", ready), first(traces.servers()));
    compare("containers", by("docker", ready), first(traces.containersOfInstances()));
    compare("snapshots", snapshots(), numbered(traces.files("snapshots")));
    compare("password files", List.of(), traces.passwordFiles(lab.sources()));
    compare("ports", ports(kept), lab.etcd().keys("/ramet/v1/ports/"));
    compare("secrets", List.of(), lab.etcd().keys("/ramet/v1/secrets/"));
  }

  /**
   * HOST/UID in the place of HOST/NAME.UID: the name is the one that it was made with. A clone that
   * was reset has another volume in the place of the first; never both.
   */
  private static List<String> first(Collection<String> ids) {
    return ids.stream()
        .map(id -> id.replaceFirst("/[^/.]+\\.", "/").replaceFirst("\\.r[0-9]+$", ""))
        .toList();
  }

  private static String volume(Clone clone) {
    return clone.host() + "/" + clone.uid();
  }

  private static List<String> by(String runtime, List<Clone> clones) {
    return clones.stream()
        .filter(clone -> clone.runtime().equals(runtime))
        .map(Holdings::volume)
        .toList();
  }

  private static List<String> ports(List<Clone> clones) {
    return clones.stream()
        .map(clone -> "/ramet/v1/ports/" + clone.host() + "/" + port(clone))
        .toList();
  }

  private static String port(Clone clone) {
    return clone.endpoint() == null ? "none" : Integer.toString(clone.endpoint().port());
  }

  /** HOST/IMAGE.NUMBER of each copy, HOST/SAVE.UID of each save. */
  private List<String> snapshots() {
    List<String> copies = new ArrayList<>();
    lab.client().clones().saves("").stream()
        .map(save -> save.host() + "/" + save.name() + "." + save.uid())
        .forEach(copies::add);
    for (Image image : lab.client().images().list()) {
      for (Revision revision : image.revisions()) {
        revision.replicas().stream()
            .filter(_ -> revision.state() == Revision.State.READY)
            .filter(replica -> replica.state() == Replica.State.READY)
            .map(replica -> replica.host() + "/" + image.name() + "." + revision.number())
            .forEach(copies::add);
      }
    }
    return copies;
  }

  /** Snapshots' names end with an id that only the records know. */
  private static List<String> numbered(List<String> files) {
    return files.stream().map(file -> file.replaceFirst("\\.[^.]+\\.raw$", "")).toList();
  }

  private static List<String> cut(List<String> files, String suffix) {
    return files.stream()
        .map(file ->
            file.endsWith(suffix) ? file.substring(0, file.length() - suffix.length()) : file)
        .toList();
  }

  private void compare(String what, Collection<String> expected, Collection<String> found) {
    List<String> missing = new ArrayList<>(expected);
    List<String> extra = new ArrayList<>();
    for (String one : found) {
      if (!missing.remove(one)) {
        extra.add(one);
      }
    }
    if (!missing.isEmpty() || !extra.isEmpty()) {
      differences.add(what + ": missing " + missing + ", too many " + extra);
    }
  }
}
