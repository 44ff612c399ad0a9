package dev.ramet.e2e;

import dev.ramet.client.Clone;
import dev.ramet.client.Image;
import dev.ramet.client.Replica;
import dev.ramet.client.Revision;
import dev.ramet.proto.store.v1.CloneRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

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
    List<CloneRecord> all = clones();
    List<CloneRecord> ready = in(all, Clone.State.READY);
    List<CloneRecord> kept = in(all, Clone.State.READY, Clone.State.STOPPED);
    List<String> volumes = ready.stream().map(Holdings::volume).toList();
    Traces traces = lab.traces();
    compare("clones in the list", namesOf(all), listed());
    compare(
        "volumes",
        kept.stream().map(Holdings::volume).toList(),
        cut(traces.files("volumes"), ".raw"));
    compare("directories of mounts", volumes, traces.files("mnt"));
    compare("loop devices", volumes, traces.loopsOfVolumes());
    compare("mounts", volumes, traces.mountsOfVolumes());
    compare("servers", by("process", ready), traces.servers());
    compare("containers", by("docker", ready), traces.containersOfInstances());
    compare("snapshots", snapshots(), numbered(traces.files("snapshots")));
    compare("password files", List.of(), traces.passwordFiles(lab.sources()));
    compare("ports", ports(kept), lab.etcd().keys("/ramet/v1/ports/"));
    compare("secrets", List.of(), lab.etcd().keys("/ramet/v1/secrets/"));
  }

  /**
   * As recorded, warm ones too: only the records know which volume a clone has. It is named after
   * the first clone that had it, and after the resets since.
   */
  private List<CloneRecord> clones() throws IOException, InterruptedException {
    List<CloneRecord> clones = new ArrayList<>();
    for (byte[] record : lab.etcd().values("/ramet/v1/clones/")) {
      clones.add(CloneRecord.parseFrom(record));
    }
    return clones;
  }

  private static List<CloneRecord> in(List<CloneRecord> clones, Clone.State... states) {
    Set<String> names = Arrays.stream(states).map(Enum::name).collect(Collectors.toSet());
    return clones.stream()
        .filter(clone -> names.contains(clone.getStatus().getState().name()))
        .toList();
  }

  /** Those of users: a warm clone's is none that anybody could ask for. */
  private static List<String> namesOf(List<CloneRecord> clones) {
    return clones.stream()
        .map(clone -> clone.getMeta().getName())
        .filter(name -> !name.startsWith("~"))
        .toList();
  }

  private List<String> listed() {
    return lab.client().clones().list().stream().map(Clone::name).toList();
  }

  private static String volume(CloneRecord clone) {
    return clone.getAssignment().getHost() + "/" + clone.getAssignment().getVolume();
  }

  private static List<String> by(String runtime, List<CloneRecord> clones) {
    return clones.stream()
        .filter(clone -> clone.getAssignment().getRuntime().equals(runtime))
        .map(Holdings::volume)
        .toList();
  }

  private static List<String> ports(List<CloneRecord> clones) {
    return clones.stream()
        .map(CloneRecord::getAssignment)
        .map(place -> "/ramet/v1/ports/" + place.getHost() + "/" + place.getPort())
        .toList();
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
