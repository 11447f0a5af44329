package chat.server.admin.cli;

import chat.engine.ConversationId;
import chat.engine.ReportId;
import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Pages;
import chat.server.json.ApiException;
import java.io.IOException;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** Commands about groups, messages and reports. */
@Command(name = "chat-server admin")
final class ConversationCommands extends AdminCommands {
  private static final String ID = "CONVERSATION";

  ConversationCommands(AdminCommandLine line) {
    super(line);
  }

  private static ObjectNode done() {
    return JsonObjects.object().put("message", "done");
  }

  @Command(name = "groups", description = "Lists groups in the order of their names.")
  int groups(
      @Parameters(paramLabel = "PREFIX", defaultValue = "", description = "Of their names.")
          String prefix,
      @Mixin Paging.AfterName page)
      throws IOException {
    return show((admin, who) -> admin.groups(who, prefix, page.name, page.limit()));
  }

  @Command(
      name = "conversation",
      description = "Shows a group or a direct conversation with its members.")
  int conversation(@Parameters(paramLabel = ID) String id, @Mixin Paging.AfterName page)
      throws IOException {
    return show(
        (admin, who) -> admin.conversation(who, ConversationId.parse(id), page.name, page.limit()));
  }

  @Command(
      name = "delete-conversation",
      description = "Deletes a group or a direct conversation with its messages.")
  int deleteConversation(
      @Parameters(paramLabel = ID) String id,
      @Option(names = "--yes", required = true, description = "Needed, for there is no way back.")
          boolean sure)
      throws IOException {
    return show(
        (admin, who) -> {
          admin.deleteConversation(who, ConversationId.parse(id));
          return done();
        });
  }

  @Command(name = "messages", description = "Shows messages, the newest unless told otherwise.")
  int messages(
      @Parameters(paramLabel = ID) String id,
      @Option(names = "--before", paramLabel = "SEQ") @Nullable Long before,
      @Option(names = "--after", paramLabel = "SEQ") @Nullable Long after,
      @Option(names = "--limit", paramLabel = "N") @Nullable Long limit)
      throws IOException {
    return show(
        (admin, who) ->
            admin.messages(
                who,
                ConversationId.parse(id),
                Pages.query(
                    Optional.ofNullable(before),
                    Optional.ofNullable(after),
                    Optional.ofNullable(limit))));
  }

  @Command(name = "delete-message", description = "Deletes a message; its number stays.")
  int deleteMessage(
      @Parameters(paramLabel = ID) String id, @Parameters(paramLabel = "SEQ") long seq)
      throws IOException {
    return show(
        (admin, who) -> {
          admin.deleteMessage(who, ConversationId.parse(id), seq);
          return done();
        });
  }

  @Command(
      name = "retention",
      description =
          "Shows for how long messages are kept in a conversation, or in all without one of their"
              + " own, or sets it. Where nothing is set, it is the setting --retention-days of the"
              + " nodes, which this command must be given too if it is to show that.")
  int retention(
      @Parameters(paramLabel = ID, arity = "0..1") @Nullable String id,
      @Option(names = "--days", paramLabel = "N", description = "Keeps messages for so long.")
          @Nullable Long days,
      @Option(
              names = "--general",
              description = "With a conversation: it goes by the general time again.")
          boolean general,
      @Option(
              names = "--forever",
              description = "Without one: messages are kept for ever in general.")
          boolean forever,
      @Option(
              names = "--default",
              description = "Without one: the nodes go by --retention-days again.")
          boolean byDefault)
      throws IOException {
    long given = Stream.of(days != null, general, forever, byDefault).filter(is -> is).count();
    if (given > 1 || (id == null ? general : forever || byDefault)) {
      throw ApiException.badRequest(
          "give one of --days and --general with a conversation, or else one of --days, --forever"
              + " and --default");
    }
    if (id == null) {
      Long inGeneral = forever ? Long.valueOf(0) : days;
      return show(
          (admin, who) ->
              given == 0 ? admin.generalRetention(who) : admin.setGeneralRetention(who, inGeneral));
    }
    ConversationId conversation = ConversationId.parse(id);
    return show(
        (admin, who) ->
            given == 0
                ? admin.retention(who, conversation)
                : admin.setRetention(who, conversation, days));
  }

  @Command(name = "reports", description = "Lists what users have reported, the newest first.")
  int reports(
      @Option(
              names = "--open",
              description = "Only those that wait for a decision, the oldest first.")
          boolean open,
      @Mixin Paging.AfterId page)
      throws IOException {
    return show((admin, who) -> admin.reports(who, open, page.after(), page.limit()));
  }

  @Command(
      name = "decide-report",
      description =
          "Notes what became of a report. It changes nothing else: delete the message or suspend"
              + " the user with the other commands.")
  int decideReport(
      @Parameters(paramLabel = "ID") String id,
      @Parameters(paramLabel = "DECISION", description = "open, dismissed or actioned")
          String decision,
      @Option(names = "--note", paramLabel = "TEXT") @Nullable String note)
      throws IOException {
    return show((admin, who) -> admin.decideReport(who, ReportId.parse(id), decision, note));
  }
}
