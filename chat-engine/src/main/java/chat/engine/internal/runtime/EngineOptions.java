package chat.engine.internal.runtime;

import chat.engine.EngineBuilder;
import java.time.Duration;

/** The settings of an engine; {@link EngineBuilder} documents each. Immutable. */
public record EngineOptions(
    int maxTextBytes,
    int maxGroupMembers,
    int sessionBudgetBytes,
    Duration stalledSessionTimeout,
    int lanes,
    int maxBatch,
    int laneCapacity,
    Duration presenceGrace,
    Duration hookDeadline,
    int maxHookCalls,
    int maxPendingHookSends,
    Duration sendTimeout) {
  public EngineOptions {
    requirePositive("maxTextBytes", maxTextBytes);
    requirePositive("maxGroupMembers", maxGroupMembers);
    requirePositive("sessionBudgetBytes", sessionBudgetBytes);
    requirePositive("stalledSessionTimeout", stalledSessionTimeout.toNanos());
    requirePositive("lanes", lanes);
    requirePositive("maxBatch", maxBatch);
    requirePositive("laneCapacity", laneCapacity);
    requirePositive("presenceGrace", presenceGrace.toNanos());
    requirePositive("hookDeadline", hookDeadline.toNanos());
    requirePositive("maxHookCalls", maxHookCalls);
    requirePositive("maxPendingHookSends", maxPendingHookSends);
    requirePositive("sendTimeout", sendTimeout.toNanos());
  }

  public static EngineOptions defaults() {
    return new EngineOptions(
        16 * 1024,
        20_000,
        1 << 20,
        Duration.ofSeconds(60),
        defaultLanes(),
        512,
        8_192,
        Duration.ofSeconds(10),
        Duration.ofSeconds(2),
        64,
        8_192,
        Duration.ofSeconds(10));
  }

  private static int defaultLanes() {
    return Math.max(2, Math.min(4, Runtime.getRuntime().availableProcessors()));
  }

  public EngineOptions withMaxTextBytes(int changed) {
    return new EngineOptions(
        changed,
        maxGroupMembers,
        sessionBudgetBytes,
        stalledSessionTimeout,
        lanes,
        maxBatch,
        laneCapacity,
        presenceGrace,
        hookDeadline,
        maxHookCalls,
        maxPendingHookSends,
        sendTimeout);
  }

  public EngineOptions withMaxGroupMembers(int changed) {
    return new EngineOptions(
        maxTextBytes,
        changed,
        sessionBudgetBytes,
        stalledSessionTimeout,
        lanes,
        maxBatch,
        laneCapacity,
        presenceGrace,
        hookDeadline,
        maxHookCalls,
        maxPendingHookSends,
        sendTimeout);
  }

  public EngineOptions withSessionBudgetBytes(int changed) {
    return new EngineOptions(
        maxTextBytes,
        maxGroupMembers,
        changed,
        stalledSessionTimeout,
        lanes,
        maxBatch,
        laneCapacity,
        presenceGrace,
        hookDeadline,
        maxHookCalls,
        maxPendingHookSends,
        sendTimeout);
  }

  public EngineOptions withStalledSessionTimeout(Duration changed) {
    return new EngineOptions(
        maxTextBytes,
        maxGroupMembers,
        sessionBudgetBytes,
        changed,
        lanes,
        maxBatch,
        laneCapacity,
        presenceGrace,
        hookDeadline,
        maxHookCalls,
        maxPendingHookSends,
        sendTimeout);
  }

  public EngineOptions withLanes(int changed) {
    return new EngineOptions(
        maxTextBytes,
        maxGroupMembers,
        sessionBudgetBytes,
        stalledSessionTimeout,
        changed,
        maxBatch,
        laneCapacity,
        presenceGrace,
        hookDeadline,
        maxHookCalls,
        maxPendingHookSends,
        sendTimeout);
  }

  public EngineOptions withMaxBatch(int changed) {
    return new EngineOptions(
        maxTextBytes,
        maxGroupMembers,
        sessionBudgetBytes,
        stalledSessionTimeout,
        lanes,
        changed,
        laneCapacity,
        presenceGrace,
        hookDeadline,
        maxHookCalls,
        maxPendingHookSends,
        sendTimeout);
  }

  public EngineOptions withLaneCapacity(int changed) {
    return new EngineOptions(
        maxTextBytes,
        maxGroupMembers,
        sessionBudgetBytes,
        stalledSessionTimeout,
        lanes,
        maxBatch,
        changed,
        presenceGrace,
        hookDeadline,
        maxHookCalls,
        maxPendingHookSends,
        sendTimeout);
  }

  public EngineOptions withPresenceGrace(Duration changed) {
    return new EngineOptions(
        maxTextBytes,
        maxGroupMembers,
        sessionBudgetBytes,
        stalledSessionTimeout,
        lanes,
        maxBatch,
        laneCapacity,
        changed,
        hookDeadline,
        maxHookCalls,
        maxPendingHookSends,
        sendTimeout);
  }

  public EngineOptions withHookDeadline(Duration changed) {
    return new EngineOptions(
        maxTextBytes,
        maxGroupMembers,
        sessionBudgetBytes,
        stalledSessionTimeout,
        lanes,
        maxBatch,
        laneCapacity,
        presenceGrace,
        changed,
        maxHookCalls,
        maxPendingHookSends,
        sendTimeout);
  }

  public EngineOptions withMaxHookCalls(int changed) {
    return new EngineOptions(
        maxTextBytes,
        maxGroupMembers,
        sessionBudgetBytes,
        stalledSessionTimeout,
        lanes,
        maxBatch,
        laneCapacity,
        presenceGrace,
        hookDeadline,
        changed,
        maxPendingHookSends,
        sendTimeout);
  }

  public EngineOptions withMaxPendingHookSends(int changed) {
    return new EngineOptions(
        maxTextBytes,
        maxGroupMembers,
        sessionBudgetBytes,
        stalledSessionTimeout,
        lanes,
        maxBatch,
        laneCapacity,
        presenceGrace,
        hookDeadline,
        maxHookCalls,
        changed,
        sendTimeout);
  }

  public EngineOptions withSendTimeout(Duration changed) {
    return new EngineOptions(
        maxTextBytes,
        maxGroupMembers,
        sessionBudgetBytes,
        stalledSessionTimeout,
        lanes,
        maxBatch,
        laneCapacity,
        presenceGrace,
        hookDeadline,
        maxHookCalls,
        maxPendingHookSends,
        changed);
  }

  private static void requirePositive(String name, long value) {
    if (value <= 0) {
      throw new IllegalArgumentException(name + " must be above zero, not " + value);
    }
  }
}
