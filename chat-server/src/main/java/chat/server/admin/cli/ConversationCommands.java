package chat.server.admin.cli;

import chat.engine.ConversationId;
import chat.engine.ReportId;
import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Pages;
import chat.server.json.ApiException;
import java.io.IOException;
import java.util.Optional;
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
          "Shows for how long messages are kept, or sets it for a conversation. In general it is"
              + " the setting --retention-days of the nodes, which this command must be given too.")
  int retention(
      @Parameters(paramLabel = ID, arity = "0..1") @Nullable String id,
      @Option(names = "--days", paramLabel = "N", description = "Keeps messages for so long.")
          @Nullable Long days,
      @Option(names = "--general", description = "Goes by the general setting again.")
          boolean general)
      throws IOException {
    boolean sets = days != null || general;
    if (sets && (id == null || (days != null && general))) {
      throw ApiException.badRequest("give a conversation, and one of --days and --general");
    }
    ConversationId conversation = id == null ? null : ConversationId.parse(id);
    return show(
        (admin, who) ->
            sets && conversation != null
                ? admin.setRetention(who, conversation, days)
                : admin.retention(who, conversation));
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
