package chat.engine.examples.console.command.message;

import static chat.engine.examples.console.command.syntax.Parameter.one;
import static chat.engine.examples.console.command.syntax.Parameter.optional;

import chat.engine.examples.console.command.Talk;
import chat.engine.examples.console.command.syntax.Arguments;
import chat.engine.examples.console.command.syntax.Command;
import chat.engine.examples.console.command.syntax.Kind;
import chat.engine.examples.console.link.FileLink;
import chat.engine.examples.console.link.FileNames;
import chat.engine.examples.console.link.Refusal;
import chat.engine.examples.console.link.Sender;
import chat.engine.examples.console.model.Conversation;
import chat.engine.examples.console.model.SeenMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Sends files, and keeps those of others. */
final class FileCommands {
  private final Talk talk;
  private final FileLink files;

  FileCommands(Talk talk, FileLink files) {
    this.talk = talk;
    this.files = files;
  }

  List<Command> all() {
    return List.of(
        Command.of("/send", "send a file", this::send, one(Kind.FILE), optional(Kind.TEXT)),
        Command.of(
            "/save",
            "save the files of message N, here or in a folder",
            this::save,
            one(Kind.MESSAGE),
            optional(Kind.FOLDER)));
  }

  private void send(Arguments arguments) {
    Conversation to = talk.open();
    Path file = path(arguments.text(0));
    if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
      throw new Refusal("There is no file " + file + " that can be read.");
    }
    talk.screen().note("Sending " + file.getFileName() + " (" + size(file) + ") ...");
    String id = files.upload(file);
    ObjectNode send = Sender.to(to);
    Sender.putText(send, arguments.has(1) ? talk.emoji().inText(arguments.text(1)) : "", to);
    send.putArray("attachments").add(id);
    talk.sender().send(send);
  }

  private static String size(Path file) {
    try {
      return FileNames.size(Files.size(file));
    } catch (IOException gone) {
      throw new Refusal("The file " + file + " cannot be read.");
    }
  }

  private void save(Arguments arguments) {
    long seq = arguments.number(0);
    SeenMessage message = talk.open().seen(seq);
    if (message == null) {
      throw new Refusal("Message " + seq + " was not shown; /history " + seq + " shows it.");
    }
    if (message.files().isEmpty()) {
      throw new Refusal("Message " + seq + " has no files.");
    }
    Path folder = path(arguments.has(1) ? arguments.text(1) : ".");
    if (!Files.isDirectory(folder) || !Files.isWritable(folder)) {
      throw new Refusal("There is no folder " + folder + " to write to.");
    }
    for (String id : message.files()) {
      talk.screen().answer("Saved as " + files.download(id, folder).normalize() + ".");
    }
  }

  private static Path path(String typed) {
    try {
      return typed.startsWith("~/")
          ? Path.of(System.getProperty("user.home"), typed.substring(2))
          : Path.of(typed);
    } catch (InvalidPathException unfit) {
      throw new Refusal(typed + " cannot be the name of a file.");
    }
  }
}
