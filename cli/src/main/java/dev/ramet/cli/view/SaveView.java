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
    tree.put("branches", save.branches());
    tree.put("createTime", Tree.time(save.createTime()));
    return tree;
  }

  /** One row for each. */
  public static String table(List<Save> saves, Instant now) {
    TextTable table =
        TextTable.withHeadings("SAVE", "PARENT", "BRANCHES", "HOST", "AGE", "MESSAGE");
    for (Save save : saves) {
      table.row(
          save.reference() + (save.deleting() ? " (deleting)" : ""),
          save.parent(),
          String.join(",", save.branches()),
          save.host(),
          Units.age(save.createTime(), now),
          save.message());
    }
    return table.toString();
  }

  /** Each below what it was made from. */
  public static String log(List<Save> saves, Instant now) {
    Set<String> known = saves.stream().map(Save::reference).collect(Collectors.toSet());
    StringBuilder text = new StringBuilder();
    saves.stream()
        .map(Save::parent)
        .filter(parent -> !known.contains(parent))
        .distinct()
        .forEach(root -> {
          text.append(root).append('\n');
          addChildren(text, saves, root, "", now);
        });
    return text.toString();
  }

  private static void addChildren(
      StringBuilder text, List<Save> saves, String parent, String indent, Instant now) {
    List<Save> children = saves.stream().filter(save -> save.parent().equals(parent)).toList();
    for (Save save : children) {
      boolean last = save.equals(children.getLast());
      text.append(indent).append(last ? "└─ " : "├─ ").append(save.name());
      text.append("  ").append(Units.age(save.createTime(), now)).append(" ago");
      if (!save.message().isEmpty()) {
        text.append("  ").append(save.message());
      }
      if (!save.branches().isEmpty()) {
        text.append("  -> ").append(String.join(", ", save.branches()));
      }
      text.append('\n');
      addChildren(text, saves, save.reference(), indent + (last ? "   " : "│  "), now);
    }
  }
}
