package chat.engine.examples.faultcheck.outside;

import chat.engine.examples.faultcheck.check.outside.OutsideNames;
import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.Fact;
import chat.engine.examples.faultcheck.history.History;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What happened in a run, in numbers. */
record OutsideSummary(History history) {
  private record Told(String hook, long conversation, String entry) {}

  String line(long seed, int repeatedSends) {
    Set<Long> conversations = new HashSet<>();
    history.facts(Fact.Conversation.class).forEach(fact -> conversations.add(fact.conversation()));
    List<Event.Posted> posts =
        history
            .events(Event.Posted.class)
            .filter(post -> conversations.contains(post.conversation()))
            .toList();
    Set<Told> told = new HashSet<>();
    long again =
        posts.stream()
            .filter(Event.Posted::taken)
            .filter(post -> !told.add(new Told(post.hook(), post.conversation(), post.entry())))
            .count();
    long sentences =
        history
            .facts(Fact.State.class)
            .filter(state -> state.content().equals(OutsideNames.SENTENCE))
            .count();
    return String.format(
        Locale.ROOT,
        "seed %d: %d sends (%d repeated), %d messages and %d changes stored; %d posts, of which %d"
            + " were refused and %d repeated what was taken; %d questions to providers, %d answered;"
            + " %d answers of bots, of which %d are the sentence",
        seed,
        history.events(Event.Called.class).count(),
        repeatedSends,
        history.facts(Fact.Message.class).count(),
        history.facts(Fact.Change.class).count(),
        posts.size(),
        posts.stream().filter(post -> !post.taken()).count(),
        again,
        history.events(Event.Asked.class).count(),
        history.events(Event.Asked.class).filter(Event.Asked::answered).count(),
        history
            .facts(Fact.Message.class)
            .filter(message -> OutsideNames.BOTS.contains(message.from()))
            .count(),
        sentences);
  }
}
