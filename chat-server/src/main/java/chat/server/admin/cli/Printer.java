package chat.server.admin.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Answers for people: lists as tables, everything else as a line for each field. Or as JSON. */
final class Printer {
  private static final String GAP = "  ";

  private final PrintStream out;
  private final boolean json;

  Printer(PrintStream out, boolean json) {
    this.out = out;
    this.json = json;
  }

  PrintStream out() {
    return out;
  }

  void print(ObjectNode answer) {
    if (json) {
      out.println(answer);
      return;
    }
    int width = answer.properties().stream().mapToInt(one -> one.getKey().length()).max().orElse(0);
    for (Map.Entry<String, JsonNode> field : answer.properties()) {
      if (field.getKey().equals("has_more")) {
        continue; // said at the end
      }
      if (field.getValue() instanceof ArrayNode array) {
        out.println(field.getKey() + (array.isEmpty() ? ": none" : ":"));
        table(array);
      } else {
        out.println(padded(field.getKey() + ":", width + 1) + " " + text(field.getValue()));
      }
    }
    if (answer.path("has_more").asBoolean(false)) {
      out.println("There are more: go on behind the last of them (see --help).");
    }
  }

  /** Control characters that a user typed must not reach a terminal. */
  private static String text(JsonNode value) {
    String text = value.isNull() ? "-" : value.isString() ? value.stringValue() : value.toString();
    return text.replaceAll("\\p{Cntrl}", " ");
  }

  private static String padded(String text, int width) {
    return text + " ".repeat(Math.max(0, width - text.length()));
  }

  private void table(ArrayNode rows) {
    Map<String, Integer> widths = new LinkedHashMap<>();
    for (JsonNode row : rows) {
      row.properties()
          .forEach(
              field ->
                  widths.merge(
                      field.getKey(),
                      Math.max(field.getKey().length(), text(field.getValue()).length()),
                      Math::max));
    }
    if (widths.isEmpty()) {
      rows.forEach(row -> out.println(GAP + text(row)));
      return;
    }
    List<String> header = new ArrayList<>();
    widths.forEach((name, width) -> header.add(padded(name, width)));
    out.println((GAP + String.join(GAP, header)).stripTrailing());
    for (JsonNode row : rows) {
      List<String> cells = new ArrayList<>();
      widths.forEach(
          (name, width) -> cells.add(padded(row.has(name) ? text(row.get(name)) : "-", width)));
      out.println((GAP + String.join(GAP, cells)).stripTrailing());
    }
  }
}
