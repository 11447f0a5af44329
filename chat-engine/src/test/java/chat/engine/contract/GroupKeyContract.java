package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.GroupKey;
import chat.engine.Member;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.ConversationStore.Change;
import chat.engine.spi.ConversationStore.Found;
import chat.engine.spi.MessageStore;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Groups under keys, and what applications keep with groups. */
interface GroupKeyContract extends StoreTests {

  /** A key of the application that no other test has. */
  private ConversationStore.Key key(String name) {
    return new ConversationStore.Key(UserId.SYSTEM, GroupKey.of(chat().user("key").value() + name));
  }

  private Conversation proposed(String name) {
    return Conversation.group(chat().drafts().conversationId(), name, chat().drafts().now());
  }

  @Test
  default void aKeyHasOneGroupWhichKeepsItsNameItsMembersAndItsAttributes() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    Conversation proposed = proposed("project").withAttributes("{\"color\": \"gr\u00fcn\"}");
    assertThat(chat().conversations().find(key("42"))).isEmpty();

    Conversation created =
        chat().conversations().ensureGroup(key("42"), proposed, Map.of(ada, Role.ADMIN));
    Conversation again =
        chat()
            .anotherNode()
            .conversations()
            .ensureGroup(key("42"), proposed("another name"), Map.of(bob, Role.OWNER));

    assertThat(created).isEqualTo(proposed);
    assertThat(again).isEqualTo(proposed);
    assertThat(chat().anotherNode().conversations().find(key("42"))).contains(proposed);
    assertThat(chat().anotherNode().conversations().find(List.of(proposed.id())))
        .containsExactly(Map.entry(proposed.id(), new Found(proposed, 0, 0)));
    assertThat(chat().conversations().members(proposed.id()).orElseThrow().members())
        .containsExactly(new Member(ada, Role.ADMIN, chat().drafts().now(), 0, 0, 0, 0));
    assertThat(chat().conversations().memberships(bob)).isEmpty();
  }

  @Test
  default void aGroupKnowsItsKeyUntilItIsDeleted() {
    ConversationId group =
        chat().conversations().ensureGroup(key("of"), proposed("g"), Map.of()).id();
    ConversationId without = chat().group(chat().user("ada"));

    assertThat(chat().anotherNode().conversations().keyOf(group)).contains(key("of"));
    assertThat(chat().conversations().keyOf(without)).isEmpty();
    assertThat(chat().conversations().keyOf(chat().drafts().conversationId())).isEmpty();

    chat().conversations().delete(group, UserId.SYSTEM, chat().drafts().now());
    assertThat(chat().conversations().keyOf(group)).isEmpty();
  }

  @Test
  default void aGroupMayHaveNoMembersAtAll() {
    Conversation group =
        chat().conversations().ensureGroup(key("empty"), proposed("empty"), Map.of());

    assertThat(chat().conversations().members(group.id()).orElseThrow().members()).isEmpty();
    chat().send(group.id(), UserId.SYSTEM, 2);
    chat().change(group.id(), StoreFixture.added(chat().user("ada")));
    assertThat(chat().conversations().members(group.id()).orElseThrow().members()).hasSize(1);
  }

  @Test
  default void keysOfTheApplicationAndOfEachUserAreApart() {
    GroupKey value = key("the same").value();
    List<ConversationId> groups =
        List.of(UserId.SYSTEM, chat().user("ada"), chat().user("bob")).stream()
            .map(
                scope ->
                    chat()
                        .conversations()
                        .ensureGroup(
                            new ConversationStore.Key(scope, value), proposed("g"), Map.of())
                        .id())
            .toList();

    assertThat(groups).doesNotHaveDuplicates();
  }

  @Test
  default void keysAreComparedCharacterByCharacter() {
    List<String> names =
        List.of("k", "K", " k", "k ", "k\u0301", "\ud83d\ude00", "'; --", "k".repeat(200));
    Set<ConversationId> groups =
        names.stream()
            .map(
                name ->
                    chat().conversations().ensureGroup(key(name), proposed(name), Map.of()).id())
            .collect(Collectors.toSet());

    assertThat(groups).hasSize(names.size());
    for (String name : names) {
      assertThat(chat().conversations().find(key(name)).orElseThrow().name()).isEqualTo(name);
    }
  }

  @Test
  @Tag(Together.TAG)
  default void everybodyWhoAsksForAKeyAtTheSameTimeGetsTheSameGroup() throws Exception {
    List<MessageStore> nodes = List.of(chat().store(), chat().anotherNode());
    for (int round = 0; round < 10; round++) {
      ConversationStore.Key key = key("round " + round);
      UserId ada = chat().user("ada" + round);
      List<Conversation> got =
          Together.run(
              8,
              task -> {
                Conversation proposed = proposed("by " + task);
                return () ->
                    nodes
                        .get(task % 2)
                        .conversations()
                        .ensureGroup(key, proposed, Map.of(ada, Role.MEMBER));
              });

      assertThat(got).containsOnly(got.get(0));
      assertThat(chat().conversations().memberships(ada)).hasSize(1);
    }
  }

  @Test
  default void attributesAreSetAndTakenAwayLikeANameAndLogged() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    chat().send(group, ada, 1);
    chat()
        .change(group, Change.attributesSet("one\n\ttwo"), StoreFixture.renamed("with attributes"));

    Conversation changed =
        chat().anotherNode().conversations().find(List.of(group)).get(group).conversation();
    assertThat(changed.attributes()).isEqualTo("one\n\ttwo");
    assertThat(changed.name()).isEqualTo("with attributes");
    assertThat(chat().conversations().memberships(ada).get(0).conversation()).isEqualTo(changed);

    Conversation cleared =
        chat()
            .conversations()
            .change(
                group, 2, List.of(Change.attributesSet(null)), UserId.SYSTEM, chat().drafts().now())
            .orElseThrow()
            .conversation();
    assertThat(cleared.attributes()).isNull();
    assertThat(chat().anotherNode().conversations().changes(group, 0, 10))
        .extracting(change -> change.kind() + " " + change.attributes())
        .containsExactly("ATTRIBUTES_SET one\n\ttwo", "RENAMED null", "ATTRIBUTES_SET null");
  }
}
