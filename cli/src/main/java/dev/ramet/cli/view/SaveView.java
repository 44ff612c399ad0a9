package dev.ramet.cli.view;

import dev.ramet.cli.output.TextTable;
import dev.ramet.cli.output.Units;
import dev.ramet.client.Save;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Saves as they are shown. */
public final class SaveView {
  private SaveView() {}

  /** Everything about one. */
  public static Map<String, @Nullable Object> tree(Save save) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("name", save.name());
    tree.put("clone", save.owner());
    tree.put("reference", save.reference());
    tree.put("message", save.message());
    tree.put("parent", save.parent());
    tree.put("host", save.host());
    tree.put("clean", save.clean());
    tree.put("deleting", save.deleting());
    tree.put("ownBytes", save.ownBytes());
    tree.put("branches", save.branches());
    tree.put("createTime", Tree.time(save.createTime()));
    return tree;
  }

  /** One row for each. */
  public static String table(List<Save> saves, Instant now) {
    TextTable table =
        TextTable.withHeadings("SAVE", "PARENT", "BRANCHES", "HOST", "SIZE", "AGE", "MESSAGE");
    for (Save save : saves) {
      table.row(
          save.reference() + (save.deleting() ? " (deleting)" : ""),
          save.parent(),
          String.join(",", save.branches()),
          save.host(),
          size(save),
          Units.age(save.createTime(), now),
          save.message());
    }
    return table.toString();
  }

  /** Each below what it was made from. */
  public static String log(List<Save> saves, Instant now) {
    Set<String> known = saves.stream().map(Save::reference).collect(Collectors.toSet());
    TextTable table = TextTable.withHeadings("SAVE", "SIZE", "AGE", "BRANCHES", "MESSAGE");
    saves.stream()
        .map(Save::parent)
        .filter(parent -> !known.contains(parent))
        .distinct()
        .forEach(root -> {
          table.row(root);
          addChildren(table, saves, root, "", now);
        });
    return saves.isEmpty() ? "" : table.toString();
  }

  private static void addChildren(
      TextTable table, List<Save> saves, String parent, String indent, Instant now) {
    List<Save> children = saves.stream().filter(save -> save.parent().equals(parent)).toList();
    for (Save save : children) {
      boolean last = save.equals(children.getLast());
      table.row(
          indent + (last ? "└─ " : "├─ ") + save.name() + (save.deleting() ? " (deleting)" : ""),
          size(save),
          Units.age(save.createTime(), now),
          String.join(",", save.branches()),
          save.message());
      addChildren(table, saves, save.reference(), indent + (last ? "   " : "│  "), now);
    }
  }

  /** Empty where it is not known: not the same as nothing. */
  private static String size(Save save) {
    return save.ownBytes() == null ? "" : Units.size(save.ownBytes());
  }
}
