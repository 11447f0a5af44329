package chat.engine.examples.faultcheck.history;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** A history in a compressed file, a line each. */
public final class HistoryFile {
  private HistoryFile() {}

  public static void write(Path file, History history) throws IOException {
    try (BufferedWriter writer =
        new BufferedWriter(
            new OutputStreamWriter(
                new GZIPOutputStream(Files.newOutputStream(file)), StandardCharsets.UTF_8))) {
      for (Event event : history.events()) {
        writer.write(LineCodec.encode(event) + "\n");
      }
      for (Fact fact : history.facts()) {
        writer.write(LineCodec.encode(fact) + "\n");
      }
    }
  }

  public static History read(Path file) throws IOException {
    List<Event> events = new ArrayList<>();
    List<Fact> facts = new ArrayList<>();
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
      for (String text = reader.readLine(); text != null; text = reader.readLine()) {
        Line line = LineCodec.decode(text);
        if (line instanceof Event event) {
          events.add(event);
        } else if (line instanceof Fact fact) {
          facts.add(fact);
        }
      }
    }
    return new History(events, facts);
  }
}
