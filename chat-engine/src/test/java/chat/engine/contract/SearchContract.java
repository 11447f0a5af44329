package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.MessageId;
import chat.engine.ReplyPreview;
import chat.engine.SearchCursor;
import chat.engine.SearchHit;
import chat.engine.SearchPage;
import chat.engine.UserId;
import chat.engine.spi.AppendOutcome.Changed;
import chat.engine.spi.AppendOutcome.Stored;
import chat.engine.spi.Draft;
import chat.engine.spi.MessageStore;
import chat.engine.spi.search.MessageSearch;
import chat.engine.spi.search.MessageSearch.Laggards;
import chat.engine.spi.search.MessageSearch.Request;
import chat.engine.spi.search.MessageSearch.Step;
import chat.engine.spi.search.SearchWords;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Search finds what the words of a query say, at once and after the index was brought up to date,
 * and only what a user may read. Not for stores without search.
 */
interface SearchContract extends StoreTests {
  private MessageSearch search() {
    return chat().store().search().orElseThrow();
  }

  /** As the indexer of some node does it. */
  private void index(ConversationId... conversations) {
    for (ConversationId conversation : conversations) {
      Step step = Step.MORE;
      while (step != Step.DONE) {
        step = search().index(conversation);
      }
    }
  }

  private SearchPage page(
      UserId user,
      String query,
      @Nullable ConversationId conversation,
      @Nullable UserId from,
      SearchCursor before,
      int limit) {
    return search()
        .search(new Request(user, SearchWords.of(query), conversation, from, before, limit));
  }

  private SearchPage page(UserId user, String query) {
    return page(user, query, null, null, SearchCursor.START, 100);
  }

  private List<String> texts(UserId user, String query) {
    return texts(page(user, query));
  }

  private static List<String> texts(SearchPage page) {
    return page.hits().stream().map(hit -> hit.message().text()).toList();
  }

  @Test
  default void whatHasExpiredIsNotFoundAndDoesNotHoldUpTheIndex() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    ConversationId unread = chat().group(ada);
    say(group, ada, "walrus one", "walrus two");
    index(group);
    say(group, ada, "walrus three");
    say(unread, ada, "walrus four", "walrus five");
    Instant later = chat().drafts().now().plusSeconds(60);
    chat().store().retention().expire(group, later, 1, later);
    chat().store().retention().expire(unread, later, 9, later);
    Step step = Step.MORE;
    for (int steps = 0; steps < 50 && step != Step.DONE; steps++) {
      step = search().index(unread);
    }
    assertThat(step).as("all have expired before they were indexed").isEqualTo(Step.DONE);
    index(group);
    assertThat(texts(ada, "walrus")).containsExactly("walrus three", "walrus two");
    say(unread, ada, "walrus six");
    index(unread);
    assertThat(texts(ada, "walrus")).startsWith("walrus six");
  }

  private void say(ConversationId group, UserId sender, String... texts) {
    List<Draft> batch = new ArrayList<>();
    for (String text : texts) {
      batch.add(chat().drafts().text(group, sender, text));
    }
    chat().append(batch);
  }

  /** What a query finds of one text, the matching pieces in brackets; the same when indexed. */
  private String marked(String text, String query) {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    say(group, ada, text);
    String before = marked(page(ada, query, group, null, SearchCursor.START, 10));
    index(group);
    assertThat(marked(page(ada, query, group, null, SearchCursor.START, 10))).isEqualTo(before);
    return before;
  }

  private static String marked(SearchPage page) {
    assertThat(page.hasMore()).isFalse();
    if (page.hits().isEmpty()) {
      return "nothing";
    }
    SearchHit hit = page.hits().get(0);
    StringBuilder marked = new StringBuilder(hit.message().text());
    List<SearchHit.Highlight> backwards = new ArrayList<>(hit.highlights());
    Collections.reverse(backwards);
    backwards.forEach(
        highlight -> marked.insert(highlight.end(), ']').insert(highlight.start(), '['));
    return marked.toString();
  }

  // ---- words

  @Test
  default void caseAccentsAndWidthDoNotMatter() {
    assertThat(marked("Un café à l'École", "ecole CAFE")).isEqualTo("Un [café] à l'[École]");
    assertThat(marked("cafe\u0301 noir", "café")).isEqualTo("[cafe\u0301] noir");
    assertThat(marked("Die Straße", "STRASSE")).isEqualTo("Die [Straße]");
    assertThat(marked("DIE STRASSE", "straße")).isEqualTo("DIE [STRASSE]");
    assertThat(marked("ISTANBUL, İstanbul, ıstanbul", "istanbul"))
        .isEqualTo("[ISTANBUL], [İstanbul], [ıstanbul]");
    assertThat(marked("ＡＢＣ１２３ ok", "abc123")).isEqualTo("[ＡＢＣ１２３] ok");
    assertThat(marked("abc123", "ＡＢＣ１２３")).isEqualTo("[abc123]");
    assertThat(marked("ΟΔΟΣ και οδός", "οδος")).isEqualTo("[ΟΔΟΣ] και [οδός]");
    assertThat(marked("Ещё один ёж", "еж")).isEqualTo("Ещё один [ёж]");
    assertThat(marked("the ﬁnal Søren", "final soren")).isEqualTo("the [ﬁnal] [Søren]");
    assertThat(marked("مُحَمَّد", "محمد")).isEqualTo("[مُحَمَّد]");
  }

  @Test
  default void textsWithoutSpacesAreFoundAnywhere() {
    assertThat(marked("我昨天在北京大学学习", "北京")).isEqualTo("我昨天在[北京]大学学习");
    assertThat(marked("我昨天在北京大学学习", "京北")).isEqualTo("nothing");
    assertThat(marked("我昨天在北京大学学习", "学")).isEqualTo("我昨天在北京大[学][学]习");
    assertThat(marked("今日は東京タワーへ行きました", "東京タワー")).isEqualTo("今日は[東京タワー]へ行きました");
    assertThat(marked("ｶﾞｰﾄﾞを見た", "ガード")).isEqualTo("[ｶﾞｰﾄﾞ]を見た");
    assertThat(marked("かき", "がき")).isEqualTo("nothing");
    assertThat(marked("학교에 갑니다", "학교")).isEqualTo("[학교]에 갑니다");
    assertThat(marked("สวัสดีครับ วันนี้อากาศดี", "อากาศ")).isEqualTo("สวัสดีครับ วันนี้[อากาศ]ดี");
    assertThat(marked("买了iPhone手机", "iphone 手机")).isEqualTo("买了[iPhone][手机]");
    assertThat(marked("party 🎉🎉 now", "🎉")).isEqualTo("party [🎉][🎉] now");
    assertThat(marked("ok 👍🏽", "👍")).isEqualTo("ok [👍]🏽");
  }

  @Test
  default void onlyTheLastWordMayBeABeginning() {
    assertThat(marked("deployment of the server", "deploy"))
        .isEqualTo("[deploy]ment of the server");
    assertThat(marked("deployment of the server", "server depl"))
        .isEqualTo("[depl]oyment of the [server]");
    assertThat(marked("deployment of the server", "deploy server")).isEqualTo("nothing");
    assertThat(marked("deployment of the server", "ployment")).isEqualTo("nothing");
    for (int length = 1; length <= "internationalization".length(); length++) {
      String beginning = "internationalization".substring(0, length);
      assertThat(marked("an internationalization", beginning))
          .isEqualTo("an [" + beginning + "]" + "internationalization".substring(length));
    }
  }

  @Test
  default void allWordsMustBeThereAndNothingIsAnOperator() {
    assertThat(marked("to be or not to be", "not be")).isEqualTo("to [be] or [not] to [be]");
    assertThat(marked("to be or not", "to OR missing")).isEqualTo("nothing");
    assertThat(marked("fish -chips", "\"fish\" -chips")).isEqualTo("[fish] -[chips]");
    assertThat(marked("100% of C++ (yes)", "%c++")).isEqualTo("100% of [C]++ (yes)");
    assertThat(marked("a:b*c", "a:b*c | ! & <->")).isEqualTo("[a]:[b]*[c]");
    assertThat(marked("the", "the")).isEqualTo("[the]");
    assertThat(marked("'; DROP TABLE chat_search; --", "';drop table"))
        .isEqualTo("'; [DROP] [TABLE] chat_search; --");
    assertThat(marked("!!! ???", "!!!")).isEqualTo("nothing");
    assertThat(marked("!!! ???", "_ . ％")).isEqualTo("nothing");
  }

  @Test
  default void aSingleLetterFindsTheNewestWithoutEnd() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    for (int i = 0; i < 5; i++) {
      say(group, ada, "a " + i, "e " + i);
    }
    index(group);
    SearchPage page = page(ada, "a", null, null, SearchCursor.START, 3);
    assertThat(texts(page)).containsExactly("a 4", "a 3", "a 2");
    assertThat(page.hasMore()).isTrue();
  }

  // ---- what may be found

  @Test
  default void editsAndDeletionsAreFollowedAtOnceAndByTheIndex() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    say(group, ada, "first apple", "second apple", "third apple");
    index(group);
    assertThat(texts(ada, "apple")).containsExactly("third apple", "second apple", "first apple");

    assertThat(chat().append(chat().drafts().edit(group, 1, ada, "first pear")))
        .isInstanceOf(Changed.class);
    assertThat(chat().append(chat().drafts().deletion(group, 2, ada))).isInstanceOf(Changed.class);

    for (int round = 0; round < 2; round++) {
      assertThat(texts(ada, "apple")).containsExactly("third apple");
      assertThat(texts(ada, "second")).isEmpty();
      assertThat(texts(ada, "pear")).containsExactly("first pear");
      index(group);
    }
    assertThat(search().behind(List.of(group))).isEmpty();

    chat().append(chat().drafts().edit(group, 1, ada, "an apple again"));
    assertThat(texts(ada, "apple")).containsExactly("third apple", "an apple again");
  }

  @Test
  default void onlyPresentMembersFindAMessage() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    UserId eve = chat().user("eve");
    ConversationId group = chat().group(ada, bob);
    say(group, ada, "the plan");
    for (int round = 0; round < 2; round++) {
      assertThat(texts(bob, "plan")).containsExactly("the plan");
      assertThat(texts(eve, "plan")).isEmpty();
      assertThat(page(eve, "plan", group, null, SearchCursor.START, 10).hits()).isEmpty();

      chat().change(group, StoreFixture.removed(bob));
      assertThat(texts(bob, "plan")).isEmpty();
      assertThat(page(bob, "plan", group, null, SearchCursor.START, 10).hits()).isEmpty();

      chat().change(group, StoreFixture.added(bob));
      index(group);
    }
    assertThat(texts(bob, "plan")).containsExactly("the plan");
  }

  @Test
  default void aDeletedConversationIsNotFound() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    say(group, ada, "the plan");
    index(group);
    chat().conversations().delete(group, ada, chat().drafts().now());
    assertThat(texts(ada, "plan")).isEmpty();
    assertThat(search().index(group)).isEqualTo(Step.DONE);
    assertThat(search().behind(List.of(group))).isEmpty();
    assertThat(chat().conversations().erase(group, 10)).isFalse();
    assertThat(texts(ada, "plan")).isEmpty();
  }

  @Test
  default void aConversationAndASenderCanBeGiven() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId one = chat().group(ada, bob);
    ConversationId other = chat().group(ada, bob);
    say(one, ada, "tea of ada");
    say(one, bob, "tea of bob");
    say(other, bob, "more tea of bob");
    for (int round = 0; round < 2; round++) {
      assertThat(texts(page(ada, "tea", one, null, SearchCursor.START, 10)))
          .containsExactly("tea of bob", "tea of ada");
      assertThat(texts(page(ada, "tea", null, bob, SearchCursor.START, 10)))
          .containsExactly("more tea of bob", "tea of bob");
      assertThat(texts(page(ada, "t", one, ada, SearchCursor.START, 10)))
          .containsExactly("tea of ada");
      index(one, other);
    }
  }

  // ---- pages

  @Test
  default void pagesGoFromTheNewestToTheOldestWhileMessagesArrive() {
    UserId ada = chat().user("ada");
    List<ConversationId> groups = IntStream.range(0, 7).mapToObj(i -> chat().group(ada)).toList();
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      say(groups.get(i * 5 % 7), ada, (i % 3 == 0 ? "blue " : "red ") + i);
      if (i % 3 == 0) {
        expected.add(0, "blue " + i);
      }
      if (i == 40) {
        groups.forEach(this::index);
      }
    }
    List<String> read = new ArrayList<>();
    SearchCursor before = SearchCursor.START;
    for (int pages = 0; before != null; pages++) {
      assertThat(pages).isLessThan(50);
      SearchPage page = page(ada, "blue", null, null, before, 3);
      assertThat(page.hits()).hasSizeLessThanOrEqualTo(3);
      read.addAll(texts(page));
      before = page.next() == null ? null : SearchCursor.parse(page.next().toString());
      say(groups.get(pages % 7), ada, "blue later");
      if (pages % 2 == 0) {
        groups.forEach(this::index);
      }
    }
    assertThat(read).isEqualTo(expected);
  }

  @Test
  default void pagesOfFrequentAndRareWordsOverManyConversationsHaveAllInOrder() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    UserId ada = chat().user("ada");
    List<ConversationId> groups = IntStream.range(0, 40).mapToObj(i -> chat().group(ada)).toList();
    List<Draft> sent = new ArrayList<>();
    for (int batch = 0; batch < 25; batch++) {
      List<Draft> drafts = new ArrayList<>();
      int active = 1 + random.nextInt(groups.size());
      for (int i = 0; i < 50; i++) {
        String text =
            "always "
                + (random.nextInt(3) == 0 ? "often " : "")
                + (random.nextInt(5) == 0 ? "frequently" : "frequentness") // equal in the index
                + " "
                + (random.nextInt(30) == 0 ? "seldom " : "")
                + (random.nextInt(250) == 0 ? "never " : "");
        long millis = 10 * batch + random.nextInt(15); // clocks of nodes differ
        drafts.add(
            chat()
                .drafts()
                .draft(groups.get(random.nextInt(active)), ada)
                .text(text)
                .createdAt(chat().drafts().now().plusMillis(millis))
                .build());
      }
      assertThat(chat().append(drafts)).allMatch(Stored.class::isInstance);
      sent.addAll(drafts);
    }
    groups.subList(0, 38).forEach(this::index);
    for (String word :
        List.of("always", "frequently", "often", "seldom", "never", "a", "often seldom")) {
      List<MessageId> expected =
          sent.stream()
              .filter(draft -> SearchWords.of(word).find(draft.text()).isPresent())
              .sorted(Comparator.comparing(Draft::createdAt).thenComparing(Draft::id).reversed())
              .map(Draft::id)
              .toList();
      List<MessageId> read = new ArrayList<>();
      SearchCursor before = SearchCursor.START;
      while (before != null) {
        SearchPage page = page(ada, word, null, null, before, 1 + random.nextInt(30));
        page.hits().forEach(hit -> read.add(hit.message().id()));
        before = page.next() == null ? null : SearchCursor.parse(page.next().toString());
      }
      assertThat(read).as("%s, seed %d", word, seed).isEqualTo(expected);
    }
  }

  @Test
  default void aRareWordIsFoundAmongManyConversations() {
    UserId ada = chat().user("ada");
    List<ConversationId> groups = IntStream.range(0, 30).mapToObj(i -> chat().group(ada)).toList();
    for (int i = 0; i < 30; i++) {
      say(groups.get(i), ada, (i % 10 == 3 ? "rare " : "common ") + i);
    }
    groups.forEach(this::index);
    assertThat(texts(ada, "rare")).containsExactly("rare 23", "rare 13", "rare 3");
    SearchCursor before = SearchCursor.START;
    for (String expected : List.of("rare 23", "rare 13", "rare 3")) {
      SearchPage page = page(ada, "rare", null, null, before, 1);
      assertThat(texts(page)).containsExactly(expected);
      assertThat(page.hasMore()).isEqualTo(!expected.equals("rare 3"));
      before = page.next();
    }
    assertThat(texts(ada, "c")).hasSize(27).startsWith("common 29").endsWith("common 0");
  }

  @Test
  default void manyMessagesAreIndexedStepByStepAndFoundWithTheirPlace() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    for (int batch = 0; batch < 11; batch++) {
      int first = batch * 400;
      chat()
          .append(
              IntStream.range(first, first + 400)
                  .mapToObj(i -> chat().drafts().text(group, ada, "number n" + i + " common"))
                  .toList());
    }
    index(group);
    assertThat(search().behind(List.of(group))).isEmpty();
    for (int number : List.of(0, 1, 4095, 4096, 4399)) {
      SearchPage page = page(ada, "n" + number + " common");
      assertThat(page.hits().get(page.hits().size() - 1).message().seq()).isLessThanOrEqualTo(4400);
      assertThat(texts(page)).contains("number n" + number + " common");
      assertThat(page.indexing()).isFalse();
    }
    SearchPage common = page(ada, "comm");
    assertThat(common.hits()).hasSize(100);
    assertThat(common.hits().stream().map(hit -> hit.message().seq()))
        .isEqualTo(
            LongStream.rangeClosed(4301, 4400).boxed().sorted(Collections.reverseOrder()).toList());
  }

  @Test
  default void whatIsBehindIsFoundAmongAllConversations() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    say(group, ada, "one");
    List<ConversationId> behind = new ArrayList<>();
    Laggards part = search().behind((ConversationId) null);
    behind.addAll(part.conversations());
    while (part.next() != null) {
      part = search().behind(part.next());
      behind.addAll(part.conversations());
    }
    assertThat(behind.contains(group)).isEqualTo(search().behind(List.of(group)).contains(group));
    index(group);
    assertThat(search().behind(List.of(group))).isEmpty();
  }

  @Test
  default void anAnswerThatIsFoundHasThePreviewOfWhatItAnswers() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    say(group, ada, "where to?");
    Draft answer = chat().drafts().draft(group, ada).text("to the lake").replyTo(1).build();
    chat().append(List.of(answer));
    Supplier<ReplyPreview> found = () -> page(ada, "lake").hits().get(0).message().replyPreview();
    ReplyPreview asSent = new ReplyPreview(1, ada, "where to?", 0, false, false);
    assertThat(found.get()).isEqualTo(asSent);
    index(group);
    assertThat(found.get()).isEqualTo(asSent);
    chat().append(List.of(chat().drafts().deletion(group, 1, ada)));
    assertThat(found.get()).isEqualTo(new ReplyPreview(1, ada, "", 1, false, true));
    index(group);
    assertThat(found.get()).isEqualTo(new ReplyPreview(1, ada, "", 1, false, true));
  }

  // ---- at the same time

  @Test
  @Tag(Together.TAG)
  default void whatNodesIndexWhileMessagesChangeIsFoundAsItIsInTheEnd() throws Exception {
    long seed = new Random().nextLong();
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    chat()
        .append(
            IntStream.range(0, 50)
                .mapToObj(i -> chat().drafts().text(group, ada, "word" + i + " old"))
                .toList());
    AtomicBoolean ended = new AtomicBoolean();
    Together.run(
        4,
        task ->
            () -> {
              MessageStore node = chat().anotherNode();
              if (task >= 2) {
                Step step = Step.MORE;
                while (!ended.get() || step != Step.DONE) {
                  step = node.search().orElseThrow().index(group);
                }
                return true;
              }
              Random random = new Random(seed + task);
              for (int i = 0; i < 40; i++) {
                long seq = 1 + 2 * random.nextInt(25) + task;
                StoreFixture.appendWaiting(
                    node,
                    List.of(
                        random.nextInt(10) == 0
                            ? chat().drafts().deletion(group, seq, ada)
                            : chat().drafts().edit(group, seq, ada, "word" + seq + " v" + i),
                        chat().drafts().text(group, ada, "sent" + i + " by" + task)));
              }
              ended.set(task == 0 || ended.get());
              return true;
            });
    index(group);
    for (Message message : chat().messages(group)) {
      if (!message.deleted()) {
        assertThat(texts(page(ada, message.text(), group, null, SearchCursor.START, 100)))
            .as("seed %d: %s", seed, message)
            .contains(message.text());
      }
    }
    assertThat(texts(page(ada, "old", group, null, SearchCursor.START, 100)))
        .as("seed %d", seed)
        .hasSize(
            (int)
                chat().messages(group).stream()
                    .filter(message -> message.text().endsWith(" old"))
                    .count());
  }
}
