package chat.engine.feed;

final class InMemoryFeedTest extends FeedTests {}
