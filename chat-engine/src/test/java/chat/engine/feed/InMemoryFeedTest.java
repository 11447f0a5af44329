package chat.engine.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ConversationId;
import chat.engine.NewMessage;
import chat.engine.SendAck;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class InMemoryFeedTest extends FeedTests {
  @Test
  void aLongConversationComesInPieces() {
    ConversationId direct = get(north.asUser(ADA).openDirect(BOB)).id();
    List<CompletableFuture<SendAck>> sends =
        IntStream.range(0, 3_000)
            .mapToObj(i -> north.asUser(ADA).send(direct, NewMessage.text("m" + i)))
            .toList();
    sends.forEach(CompletableFuture::join);
    List<Integer> sizes = new CopyOnWriteArrayList<>();
    List<Long> seqs = new CopyOnWriteArrayList<>();
    get(
        north.feed(
            "feed",
            FeedOptions.DEFAULT.start(FeedOptions.Start.beginning()),
            batch -> {
              sizes.add(batch.entries().size());
              batch.messages().forEach(message -> seqs.add(message.seq()));
              return CompletableFuture.completedFuture(null);
            }));
    await().until(() -> seqs.size() >= 3_000);
    assertThat(seqs).isEqualTo(LongStream.rangeClosed(1, 3_000).boxed().toList());
    assertThat(sizes).allMatch(size -> size <= 1_024);
  }
}
