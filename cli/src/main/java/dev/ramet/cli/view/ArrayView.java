package dev.ramet.cli.view;

import dev.ramet.cli.output.TextTable;
import dev.ramet.cli.output.Units;
import dev.ramet.client.StorageArray;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Storage arrays as they are shown. */
public final class ArrayView {
  private ArrayView() {}

  /** Everything about an array. */
  public static Map<String, @Nullable Object> tree(StorageArray array) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("name", array.name());
    tree.put("driver", array.driver());
    tree.put("endpoint", array.endpoint());
    tree.put("options", array.options());
    tree.put("healthy", array.healthy());
    tree.put("problem", array.problem());
    tree.put("description", array.description());
    tree.put("freeBytes", array.freeBytes());
    tree.put("totalBytes", array.totalBytes());
    tree.put("capabilities", array.capabilities());
    tree.put("volumes", array.volumes().stream().map(ArrayView::tree).toList());
    tree.put("snapshots", array.snapshots().stream().map(ArrayView::tree).toList());
    tree.put("createTime", Tree.time(array.createTime()));
    return tree;
  }

  private static Map<String, @Nullable Object> tree(StorageArray.Volume volume) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("id", volume.id());
    tree.put("origin", volume.origin());
    tree.put("sizeBytes", volume.sizeBytes());
    tree.put("initiators", volume.initiators());
    return tree;
  }

  private static Map<String, @Nullable Object> tree(StorageArray.Snapshot snapshot) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("id", snapshot.id());
    tree.put("sizeBytes", snapshot.sizeBytes());
    return tree;
  }

  /** One row for each array. */
  public static String table(List<StorageArray> arrays) {
    TextTable table =
        TextTable.withHeadings("NAME", "DRIVER", "ENDPOINT", "STATE", "FREE", "SIZE", "IS");
    for (StorageArray array : arrays) {
      table.row(
          array.name(),
          array.driver(),
          array.endpoint(),
          array.healthy() ? "healthy" : "unusable",
          Units.sizeOrNothing(array.freeBytes()),
          Units.sizeOrNothing(array.totalBytes()),
          array.description());
    }
    return table.toString();
  }

  /** How it is, in one line. */
  public static String state(StorageArray array) {
    return array.healthy() ? "healthy" : "unusable: " + array.problem();
  }

  /** One array: a line for each thing about it, then what is ours on it. */
  public static String text(StorageArray array, Instant now) {
    TextTable head =
        TextTable.ofPairs()
            .pair("name", array.name())
            .pair("driver", array.driver())
            .pair("endpoint", array.endpoint())
            .pair("options", Tree.pairs(array.options()))
            .pair("state", state(array))
            .pair("is", array.description())
            .pair(
                "space",
                Units.size(array.freeBytes()) + " free of " + Units.size(array.totalBytes()))
            .pair("can", String.join(", ", array.capabilities()))
            .pair("age", Units.age(array.createTime(), now));
    if (array.volumes().isEmpty() && array.snapshots().isEmpty()) {
      return head.toString();
    }
    TextTable things = TextTable.withHeadings("OURS", "IS", "SIZE", "FROM", "USED BY");
    for (StorageArray.Snapshot snapshot : array.snapshots()) {
      things.row(snapshot.id(), "snapshot", Units.size(snapshot.sizeBytes()), "", "");
    }
    for (StorageArray.Volume volume : array.volumes()) {
      things.row(
          volume.id(),
          "volume",
          Units.size(volume.sizeBytes()),
          volume.origin(),
          String.join(", ", volume.initiators()));
    }
    return head + "\n" + things;
  }
}
