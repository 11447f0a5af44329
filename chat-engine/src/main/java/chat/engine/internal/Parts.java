package chat.engine.internal;

import static java.util.Objects.requireNonNull;

import chat.engine.ChatSession;
import chat.engine.UserId;
import chat.engine.event.SessionEnded;
import chat.engine.hook.ContactPolicy;
import chat.engine.hook.EngineTimings;
import chat.engine.internal.cluster.Envelope;
import chat.engine.internal.cluster.EnvelopeCodec;
import chat.engine.internal.cluster.EnvelopeReceiver;
import chat.engine.internal.cluster.Publisher;
import chat.engine.internal.cluster.SoloRouter;
import chat.engine.internal.cluster.StoreComparison;
import chat.engine.internal.cluster.Subscriptions;
import chat.engine.internal.cluster.Topics;
import chat.engine.internal.consumer.Consumers;
import chat.engine.internal.conversation.Announcer;
import chat.engine.internal.conversation.ConversationDirectory;
import chat.engine.internal.conversation.GeneralRetention;
import chat.engine.internal.conversation.MessageEraser;
import chat.engine.internal.conversation.ReceiptWriter;
import chat.engine.internal.conversation.Reports;
import chat.engine.internal.conversation.RetentionRounds;
import chat.engine.internal.feed.FeedRepairs;
import chat.engine.internal.feed.MissedWrites;
import chat.engine.internal.feed.ShardedFeeds;
import chat.engine.internal.group.ApplicationAdministration;
import chat.engine.internal.group.ApplicationRules;
import chat.engine.internal.group.GroupAdministration;
import chat.engine.internal.group.Invitations;
import chat.engine.internal.group.MemberGuard;
import chat.engine.internal.hook.CommitHooks;
import chat.engine.internal.hook.HookRunner;
import chat.engine.internal.hook.HookThreads;
import chat.engine.internal.hook.Hooks;
import chat.engine.internal.membership.GovernedGroups;
import chat.engine.internal.membership.MembershipCalls;
import chat.engine.internal.membership.Memberships;
import chat.engine.internal.presence.HiddenPresence;
import chat.engine.internal.presence.PresenceTracker;
import chat.engine.internal.presence.TypingTracker;
import chat.engine.internal.privacy.HiddenReads;
import chat.engine.internal.privacy.OwnPrivacy;
import chat.engine.internal.privacy.Visibility;
import chat.engine.internal.runtime.AcceptedWrites;
import chat.engine.internal.runtime.Answers;
import chat.engine.internal.runtime.ElasticPool;
import chat.engine.internal.runtime.EngineOptions;
import chat.engine.internal.runtime.HostExecutor;
import chat.engine.internal.runtime.Limit;
import chat.engine.internal.runtime.Metrics;
import chat.engine.internal.runtime.QueuedTimings;
import chat.engine.internal.runtime.StoreClock;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.search.SearchIndexer;
import chat.engine.internal.search.Searches;
import chat.engine.internal.send.CircuitBreaker;
import chat.engine.internal.send.CommitPipeline;
import chat.engine.internal.send.Committer;
import chat.engine.internal.send.HookQueue;
import chat.engine.internal.send.MessageSender;
import chat.engine.internal.send.OutboxRelay;
import chat.engine.internal.send.StoreProbe;
import chat.engine.internal.send.pending.Originals;
import chat.engine.internal.session.Session;
import chat.engine.internal.session.SessionContext;
import chat.engine.internal.session.SessionRegistry;
import chat.engine.internal.sync.ConversationStates;
import chat.engine.internal.sync.HistoryReader;
import chat.engine.internal.sync.SyncReader;
import chat.engine.internal.transaction.ApplicationTransactions;
import chat.engine.internal.transaction.MembershipTransactions;
import chat.engine.internal.transaction.TransactionPublisher;
import chat.engine.internal.user.UserReplacer;
import chat.engine.internal.util.Threads;
import chat.engine.internal.util.Timers;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.IdGenerator;
import chat.engine.spi.MessageStore;
import chat.engine.spi.Router;
import chat.engine.spi.TransactionalStore;
import chat.engine.spi.search.MessageSearch;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The parts of an engine, put together. Sends go through {@link CommitPipeline}; what was committed
 * goes through {@link ShardedFeeds} into {@link Session}s and through {@link Publisher} to the
 * other nodes; {@link StoreComparison} finds what was lost on the way. Each part that has threads
 * is noted when it is made, and closed in the reverse order.
 */
final class Parts implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Parts.class);
  private static final int MAX_SHARDS = 8;
  private static final int MAX_APPLICATION_THREADS = 8;

  /** Where dependents of futures are slower than the answers that come. */
  private static final int MAX_WAITING_ANSWERS = 16_384;

  /** One runs at a time; room for the one that is asked for while it ends. */
  private static final int MAX_COMPARISONS = 4;

  /** Each needs a connection; {@link chat.engine.EngineBuilder#membership} tells how many. */
  private static final int MEMBERSHIP_TRANSACTIONS = 2;

  private final Deque<AutoCloseable> toClose = new ArrayDeque<>();

  final MessageStore store;
  final Router router;
  final IdGenerator ids;
  final EngineOptions options;
  final StoreClock clock;
  final Metrics metrics;
  final Timers timers;
  final ElasticPool delivery;
  private final List<HostExecutor> hostExecutors = new ArrayList<>();
  final Answers answers;
  final AcceptedWrites writes = new AcceptedWrites();
  final StoreThreads reads;

  /** For the comparison with the store alone, so that nothing delays it but the store. */
  private final StoreThreads comparisons;

  /** For what the engine repairs by itself, which must not wait behind calls of the application. */
  private final StoreThreads repairs;

  final SessionRegistry registry;
  final SessionContext context;
  final Subscriptions subscriptions;
  final Publisher publisher;
  final ShardedFeeds feeds;
  final StoreComparison comparison;
  final EnvelopeReceiver receiver;
  final TypingTracker typing;
  final PresenceTracker presence;
  final HiddenPresence hiddenPresence;
  final OwnPrivacy ownPrivacy;
  final CircuitBreaker breaker;
  final CommitPipeline pipeline;
  final ReceiptWriter receipts;
  final OutboxRelay outbox;

  /** Null without search. */
  final @Nullable SearchIndexer indexer;

  final Consumers consumers;
  final SyncReader syncs;
  final UserOperations operations;
  final MessageEraser eraser;
  final RetentionRounds retention;
  final UserReplacer users;
  final ApplicationHandle application;
  final ApplicationTransactions transactions;

  /**
   * @param nodeRouter null for a node that is alone
   * @param host runs the application's code; null to run it on the engine's own threads
   */
  Parts(
      MessageStore store,
      @Nullable Router nodeRouter,
      IdGenerator ids,
      Hooks hooks,
      InstantSource nodeClock,
      @Nullable Executor host,
      EngineOptions options) {
    this.store = store;
    this.ids = ids;
    this.options = options;
    this.router = nodeRouter != null ? nodeRouter : new SoloRouter();
    try {
      toClose.push(store);
      toClose.push(ids);
      timers = opened(new Timers());
      clock = new StoreClock(nodeClock, System::nanoTime);
      EngineTimings timings =
          hooks.timings() == EngineTimings.NONE
              ? EngineTimings.NONE
              : opened(new QueuedTimings(hooks.timings()));
      metrics = new Metrics(timings, clock);
      options.show(metrics);
      int cores = Runtime.getRuntime().availableProcessors();
      int applicationThreads =
          host != null ? 1 : Math.max(2, Math.min(cores, MAX_APPLICATION_THREADS));
      int maxThreads = options.count(Limit.MAX_APPLICATION_THREADS);
      answers =
          opened(
              new Answers(
                  applicationThreads,
                  maxThreads,
                  MAX_WAITING_ANSWERS,
                  own -> application(host, own)));
      delivery =
          opened(new ElasticPool(applicationThreads, maxThreads, Threads.named("delivery"), false));
      toClose.push(router);
      subscriptions = opened(new Subscriptions(router));
      EnvelopeCodec codec = new EnvelopeCodec(store.epoch());
      publisher = opened(new Publisher(router, codec, metrics));
      // Closed before the publisher: calls that end during the close still publish.
      int maxPending = options.count(Limit.MAX_PENDING_CALLS);
      reads = opened(new StoreThreads(options.count(Limit.STORE_THREADS), maxPending));
      comparisons = opened(new StoreThreads("comparison", 1, MAX_COMPARISONS));
      repairs = opened(new StoreThreads("repair", 1, maxPending, reads));
      registry =
          new SessionRegistry(
              options.time(Limit.PRESENCE_GRACE),
              user -> subscriptions.acquire(List.of(Topics.user(user))));
      context =
          new SessionContext(
              options.count(Limit.SESSION_BUDGET_BYTES),
              metrics,
              application(host, delivery),
              registry,
              router);
      ConversationStore conversations = store.conversations();
      ConversationDirectory directory = new ConversationDirectory(conversations);
      AtomicReference<MissedWrites> missedWrites = new AtomicReference<>();
      feeds =
          opened(
              new ShardedFeeds(
                  Math.max(1, Math.min(cores / 2, MAX_SHARDS)),
                  context,
                  registry,
                  subscriptions,
                  new FeedRepairs(store, repairs, timers, metrics),
                  group -> requireNonNull(missedWrites.get()).catchUp(group),
                  metrics));
      HiddenReads hiddenReads = new HiddenReads(store.privacy());
      MissedWrites missed =
          new MissedWrites(conversations, directory, feeds, registry, repairs, hiddenReads, timers);
      missedWrites.set(missed); // the feeds tell it, and were made first
      MessageSearch search = options.search() ? store.search().orElseThrow() : null;
      indexer = search == null ? null : opened(new SearchIndexer(search, timers, metrics));
      comparison =
          new StoreComparison(
              store,
              comparisons,
              timers,
              indexer == null ? missed : new StoreComparison.Both(missed, indexer),
              clock,
              metrics);
      typing =
          new TypingTracker(feeds::ephemeral, options.time(Limit.TYPING_TIMEOUT), System::nanoTime);
      presence =
          opened(
              new PresenceTracker(
                  router,
                  store.lastSeen(),
                  registry,
                  subscriptions,
                  publisher,
                  reads,
                  context,
                  clock,
                  System::nanoTime));
      Executor hookThreads = application(host, opened(new HookThreads()));
      hiddenPresence =
          new HiddenPresence(
              new Visibility(
                  store.blocks(), store.privacy(), reads, contacts(hooks.contacts(), hookThreads)),
              registry,
              presence);
      hiddenPresence.start(timers);
      ownPrivacy = new OwnPrivacy(store.privacy(), reads, registry, context, maxPending);
      ownPrivacy.start(timers);
      receiver =
          new EnvelopeReceiver(
              new ClusterInbox(
                  registry,
                  feeds,
                  directory,
                  typing,
                  presence,
                  hiddenPresence,
                  ownPrivacy,
                  comparison,
                  options.time(Limit.PRESENCE_GRACE)),
              codec,
              metrics);
      breaker =
          new CircuitBreaker(
              new StoreProbe(store, repairs, clock), timers::later, comparison::soon);
      HookRunner sendHookCalls = hookCalls("send hook", hookThreads);
      HookRunner actionHookCalls = hookCalls("action hook", hookThreads);
      CommitHooks commitHooks =
          opened(
              new CommitHooks(
                  hooks,
                  options.count(Limit.MAX_PENDING_OBSERVATIONS),
                  conversations,
                  presence::online,
                  clock,
                  metrics));
      consumers = opened(new Consumers(store, reads, answers, hookThreads, router.nodeId()));
      Announcer announcer = new Announcements(feeds, directory, publisher, indexer, consumers);
      CommittedMessages committed =
          new CommittedMessages(feeds, publisher, commitHooks, typing, indexer, consumers);
      Committer committer =
          new Committer(
              store, ids, directory, breaker, committed, announcer::changed, clock, metrics);
      pipeline = opened(new CommitPipeline(committer, breaker, options, metrics));
      pipeline.start(timers);
      HookQueue hookQueue =
          new HookQueue(
              conversations,
              new Originals(store),
              directory,
              reads,
              hooks.send(),
              sendHookCalls,
              pipeline,
              options,
              metrics);
      outbox = new OutboxRelay(store, reads, committed, metrics);
      receipts = opened(new ReceiptWriter(conversations, hiddenReads, announcer, maxPending));
      ConversationStates states = new ConversationStates(store, directory, options);
      syncs = new SyncReader(store, reads, feeds, states, context, options);
      MessageSender sender = new MessageSender(pipeline, hookQueue, answers::execute, options);
      Memberships memberships = new Memberships(hooks.memberships());
      MemberGuard guard = memberships.guard(conversations::keyOf);
      int answerBytes = options.count(Limit.ANSWER_BYTES);
      HistoryReader histories = new HistoryReader(store, answerBytes);
      Invitations invitations =
          new Invitations(
              conversations,
              store.invites(),
              directory,
              announcer,
              clock,
              guard,
              new SecureRandom(),
              options.count(Limit.MAX_GROUP_MEMBERS));
      Reports reports =
          new Reports(store.reports(), ids, clock, options.count(Limit.MAX_OPEN_REPORTS));
      operations =
          new UserOperations(
              store,
              reads,
              answers,
              writes,
              sender,
              receipts,
              new UserActions(
                  new GroupAdministration(
                      conversations,
                      ids,
                      directory,
                      announcer,
                      clock,
                      options.count(Limit.MAX_GROUP_MEMBERS),
                      options.count(Limit.MAX_OWNED_GROUPS),
                      guard,
                      store.blocks()),
                  invitations,
                  reports,
                  hooks.action(),
                  actionHookCalls,
                  reads,
                  directory,
                  conversations,
                  maxPending),
              syncs,
              states,
              directory,
              hiddenPresence,
              new BlockList(
                  store.blocks(),
                  options.count(Limit.MAX_BLOCKS),
                  clock,
                  reads,
                  hiddenPresence,
                  publisher),
              new PrivacySettings(
                  store.privacy(), clock, reads, ownPrivacy, hiddenPresence, publisher),
              hiddenReads,
              new Profiles(store.profiles(), store.blocks()),
              feeds,
              typing,
              publisher,
              clock,
              histories,
              opened(new Searches(search, histories, answerBytes)),
              options);
      ApplicationRules rules = new ApplicationRules(options.count(Limit.MAX_GROUP_MEMBERS));
      eraser = new MessageEraser(conversations, reads);
      retention =
          new RetentionRounds(
              store.retention(),
              announcer,
              reads,
              timers,
              clock::earliest,
              System::nanoTime,
              metrics,
              router.nodeId(),
              new GeneralRetention(options.retention(), hookThreads, System::nanoTime),
              options.time(Limit.RETENTION_PERIOD));
      users =
          new UserReplacer(
              store, directory, announcer, clock, reads, registry, this::endSessionsOf);
      transactions =
          new ApplicationTransactions(
              store,
              rules,
              new GovernedGroups(memberships, rules),
              sender,
              ids,
              clock,
              new TransactionPublisher(
                  conversations, outbox, announcer, directory, eraser, reads, answers, writes),
              options.time(Limit.TRANSACTION_IDLE_LIMIT));
      application =
          new ApplicationHandle(
              operations,
              new ApplicationAdministration(conversations, ids, directory, announcer, clock, guard),
              invitations,
              reports,
              retention,
              rules,
              memberships,
              memberships.isEmpty() ? null : membershipTransactions(memberships, hookThreads),
              eraser,
              users,
              consumers,
              reads,
              answers,
              writes);
      context.wire(
          new SessionContext.Owner() {
            @Override
            public void refill(List<Session.Gap> gaps) {
              feeds.refill(gaps);
            }

            @Override
            public ChatSession handle(Session session) {
              return new SessionHandle(operations, session);
            }

            @Override
            public void closed(Session session) {
              hiddenPresence.forget(session);
            }
          });
      metrics.gauge("sessions", registry::sessionCount);
      metrics.gauge("delivery_threads", delivery::threadCount);
      metrics.gauge("answer_threads", answers::threadCount);
      metrics.gauge("answers_open", answers::open);
      metrics.gauge("answers_waiting", answers::waiting);
      metrics.gauge("clock_offset_millis", clock::offsetMillis);
    } catch (RuntimeException | Error fault) {
      abandon();
      throw fault;
    }
  }

  /** The user was erased or renamed. */
  private void endSessionsOf(UserId user) {
    registry.end(user, new SessionEnded(SessionEnded.Reason.GONE, Duration.ZERO));
    publisher.publish(List.of(Topics.user(user)), new Envelope.Gone(user));
  }

  /** Where code of the application runs: on its own executor, or where there is none on ours. */
  private Executor application(@Nullable Executor host, Executor own) {
    if (host == null) {
      return own;
    }
    HostExecutor executor = opened(new HostExecutor(host, own, System::nanoTime, metrics));
    hostExecutors.add(executor);
    return executor;
  }

  /** To be called every few milliseconds, by one thread: sees to tasks that do not move. */
  void watchApplicationThreads() {
    hostExecutors.forEach(HostExecutor::rescueWaiting);
    delivery.replaceStuckWorkers();
    answers.replaceStuckThreads();
  }

  /** Whether the application's code has been given everything, and has returned. */
  boolean applicationIsIdle() {
    return delivery.isIdle()
        && answers.isIdle()
        && hostExecutors.stream().allMatch(HostExecutor::isIdle);
  }

  private MembershipTransactions membershipTransactions(
      Memberships memberships, Executor hookThreads) {
    Duration limit = transactions.idleLimit();
    Duration hookDeadline = options.time(Limit.HOOK_DEADLINE);
    StoreThreads threads =
        opened(
            new StoreThreads(
                "membership", MEMBERSHIP_TRANSACTIONS, options.count(Limit.MAX_PENDING_CALLS)));
    HookRunner calls =
        hookCalls(
            "membership", hookThreads, hookDeadline.compareTo(limit) < 0 ? hookDeadline : limit);
    return new MembershipTransactions(
        (TransactionalStore) store,
        transactions,
        new MembershipCalls(memberships, calls),
        threads,
        limit);
  }

  /**
   * @param policy null if those are contacts who share a direct conversation
   */
  private Visibility.ContactBook contacts(@Nullable ContactPolicy policy, Executor hookThreads) {
    if (policy == null) {
      return (user, others) -> reads.submit(() -> store.privacy().directPeers(user, others));
    }
    HookRunner calls = hookCalls("contact policy", hookThreads);
    return (user, others) -> calls.call(() -> policy.contacts(user, others));
  }

  private HookRunner hookCalls(String name, Executor threads) {
    return hookCalls(name, threads, options.time(Limit.HOOK_DEADLINE));
  }

  private HookRunner hookCalls(String name, Executor threads, Duration deadline) {
    HookRunner calls =
        opened(
            new HookRunner(
                name,
                threads,
                options.count(Limit.MAX_HOOK_CALLS),
                options.count(Limit.MAX_PENDING_HOOK_CALLS),
                deadline,
                System::nanoTime,
                metrics));
    calls.start(timers);
    return calls;
  }

  private <T extends AutoCloseable> T opened(T part) {
    toClose.push(part);
    return part;
  }

  /**
   * Closes what was made for an engine that could not be started. The store stays open: it is the
   * application's until an engine has started. A router cannot be started twice, so it is closed.
   */
  void abandon() {
    toClose.removeIf(part -> part == store); // which may be a proxy that is equal to nothing
    close();
  }

  /** Closes all parts, the last one first, even if some of them throw. */
  @Override
  public void close() {
    for (AutoCloseable part = toClose.poll(); part != null; part = toClose.poll()) {
      try {
        part.close();
      } catch (Throwable fault) {
        Threads.outlived(fault);
        log.error("{} could not be closed; the rest is closed all the same", part, fault);
      }
    }
  }
}
