package dev.ramet.cli.output;

import java.util.ArrayList;
import java.util.List;

/**
 * Columns of text, two spaces apart, each as wide as its widest cell. Nothing is cut and nothing
 * wrapped; a cell's own line breaks and control characters become spaces, an empty cell a dash.
 */
public final class TextTable {
  private final List<List<String>> rows = new ArrayList<>();

  /** A table with these headings. */
  public static TextTable withHeadings(String... headings) {
    TextTable table = new TextTable();
    table.rows.add(List.of(headings));
    return table;
  }

  /** A table of names and values, without headings. */
  public static TextTable ofPairs() {
    return new TextTable();
  }

  /** Adds a row. */
  public TextTable row(String... cells) {
    List<String> row = new ArrayList<>(cells.length);
    for (String cell : cells) {
      row.add(clean(cell));
    }
    rows.add(row);
    return this;
  }

  /** Adds a name and its value; nothing where the value is empty. */
  public TextTable pair(String name, String value) {
    return value.isEmpty() ? this : row(name, value);
  }

  private static String clean(String cell) {
    String plain = cell.replaceAll("\\p{Cntrl}+", " ").stripTrailing();
    return plain.isEmpty() ? "-" : plain;
  }

  @Override
  public String toString() {
    List<Integer> widths = new ArrayList<>();
    for (List<String> row : rows) {
      for (int i = 0; i < row.size(); i++) {
        if (i == widths.size()) {
          widths.add(0);
        }
        widths.set(i, Math.max(widths.get(i), row.get(i).length()));
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      for (int i = 0; i < row.size(); i++) {
        String cell = row.get(i);
        boolean last = i == row.size() - 1;
        text.append(cell).append(last ? "\n" : " ".repeat(widths.get(i) - cell.length() + 2));
      }
    }
    return text.toString();
  }
}
