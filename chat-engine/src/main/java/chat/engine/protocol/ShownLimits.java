package chat.engine.protocol;

import chat.engine.ChatEngine;
import chat.engine.Conversation;
import chat.engine.GroupUpdate;
import chat.engine.HistoryQuery;
import chat.engine.NewMessage;
import chat.engine.PinnedMessage;
import chat.engine.Preferences;
import chat.engine.ProfileUpdate;
import chat.engine.ReactionCount;
import chat.engine.Report;
import chat.engine.SearchQuery;
import chat.engine.UserReactions;
import tools.jackson.databind.node.ObjectNode;

/**
 * The limits that a client is told when it comes in: those that it can keep users from reaching, so
 * that an input field has its length and a menu no entry that cannot work. Stateless.
 */
final class ShownLimits {
  private ShownLimits() {}

  static void put(ObjectNode into, ChatEngine engine, int maxFrameBytes, int requestsPerSecond) {
    into.put("max_frame_bytes", maxFrameBytes)
        .put("max_text_bytes", engine.maxTextBytes())
        .put("messages_per_second", requestsPerSecond)
        .put("max_mentions", NewMessage.MAX_MENTIONS)
        .put("max_attributes_bytes", NewMessage.MAX_ATTRIBUTES_BYTES)
        .put("max_attachments", NewMessage.MAX_ATTACHMENTS)
        .put("max_reactions_per_user", UserReactions.MAX_PER_USER)
        .put("max_reactions_per_message", ReactionCount.MAX_PER_MESSAGE)
        .put("max_pins", PinnedMessage.MAX_PER_CONVERSATION)
        .put("max_pinned_conversations", Preferences.MAX_PINNED)
        .put("max_group_members", engine.maxGroupMembers())
        .put("max_group_name_length", Conversation.MAX_NAME_LENGTH)
        .put("max_description_length", GroupUpdate.MAX_DESCRIPTION_LENGTH)
        .put("max_avatar_url_length", GroupUpdate.MAX_AVATAR_URL_LENGTH)
        .put("max_display_name_length", ProfileUpdate.MAX_NAME_LENGTH)
        .put("max_report_length", Report.MAX_TEXT_LENGTH)
        .put("max_query_length", SearchQuery.MAX_LENGTH)
        .put("max_history_limit", HistoryQuery.MAX_LIMIT);
  }
}
