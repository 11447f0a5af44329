package chat.engine.examples.console.command.syntax;

import chat.engine.examples.console.command.syntax.Completion.Choice;
import chat.engine.examples.console.screen.SafeText;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The files and folders whose names begin with what is typed. Stateless. */
final class FileCompletion {
  private static final int MOST = 200;

  List<Choice> choices(String typed, boolean foldersOnly) {
    String unquoted = typed.replace("\\ ", " ");
    int slash = unquoted.lastIndexOf('/');
    String folder = unquoted.substring(0, slash + 1);
    List<Choice> choices = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder(folder))) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        boolean isFolder = Files.isDirectory(file);
        boolean hidden = name.startsWith(".") && !unquoted.startsWith(".", slash + 1);
        if (!hidden && (isFolder || !foldersOnly) && choices.size() < MOST) {
          String shown = SafeText.oneLine(name) + (isFolder ? "/" : "");
          choices.add(
              new Choice(Word.typed(folder + name) + (isFolder ? "/" : ""), shown, !isFolder));
        }
      }
    } catch (IOException | InvalidPathException none) {
      return List.of(); // there is nothing that could be meant
    }
    return choices;
  }

  private static Path folder(String typed) {
    if (typed.startsWith("~/")) {
      return Path.of(System.getProperty("user.home"), typed.substring(2));
    }
    return Path.of(typed.isEmpty() ? "." : typed);
  }
}
