package chat.engine.internal.runtime;

import chat.engine.EngineBuilder;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * The settings of an engine; {@link EngineBuilder} documents each. Immutable: the fields are set
 * before anybody sees the object.
 */
public final class EngineOptions {
  private int maxTextBytes = 16 * 1024;
  private int maxGroupMembers = 20_000;
  private int maxSessionsPerUser = Integer.MAX_VALUE;
  private int sessionBudgetBytes = 1 << 20;
  private Duration stalledSessionTimeout = Duration.ofSeconds(60);
  private int lanes = Math.max(2, Math.min(4, Runtime.getRuntime().availableProcessors()));
  private int maxBatch = 512;
  private int laneCapacity = 8_192;
  private Duration presenceGrace = Duration.ofSeconds(10);
  private Duration hookDeadline = Duration.ofSeconds(2);
  private int maxHookCalls = 64;
  private int maxPendingHookSends = 8_192;
  private Duration sendTimeout = Duration.ofSeconds(10);
  private Duration transactionIdleLimit = Duration.ofSeconds(5);

  private EngineOptions() {}

  /** What holds unless it is changed. */
  public static EngineOptions defaults() {
    return new EngineOptions();
  }

  private EngineOptions with(Consumer<EngineOptions> change) {
    EngineOptions changed = new EngineOptions();
    changed.maxTextBytes = maxTextBytes;
    changed.maxGroupMembers = maxGroupMembers;
    changed.maxSessionsPerUser = maxSessionsPerUser;
    changed.sessionBudgetBytes = sessionBudgetBytes;
    changed.stalledSessionTimeout = stalledSessionTimeout;
    changed.lanes = lanes;
    changed.maxBatch = maxBatch;
    changed.laneCapacity = laneCapacity;
    changed.presenceGrace = presenceGrace;
    changed.hookDeadline = hookDeadline;
    changed.maxHookCalls = maxHookCalls;
    changed.maxPendingHookSends = maxPendingHookSends;
    changed.sendTimeout = sendTimeout;
    changed.transactionIdleLimit = transactionIdleLimit;
    change.accept(changed);
    return changed;
  }

  public int maxTextBytes() {
    return maxTextBytes;
  }

  public EngineOptions withMaxTextBytes(int changed) {
    requirePositive("maxTextBytes", changed);
    return with(options -> options.maxTextBytes = changed);
  }

  public int maxGroupMembers() {
    return maxGroupMembers;
  }

  public EngineOptions withMaxGroupMembers(int changed) {
    requirePositive("maxGroupMembers", changed);
    return with(options -> options.maxGroupMembers = changed);
  }

  public int maxSessionsPerUser() {
    return maxSessionsPerUser;
  }

  public EngineOptions withMaxSessionsPerUser(int changed) {
    requirePositive("maxSessionsPerUser", changed);
    return with(options -> options.maxSessionsPerUser = changed);
  }

  public int sessionBudgetBytes() {
    return sessionBudgetBytes;
  }

  public EngineOptions withSessionBudgetBytes(int changed) {
    requirePositive("sessionBudgetBytes", changed);
    return with(options -> options.sessionBudgetBytes = changed);
  }

  public Duration stalledSessionTimeout() {
    return stalledSessionTimeout;
  }

  public EngineOptions withStalledSessionTimeout(Duration changed) {
    requirePositive("stalledSessionTimeout", changed.toNanos());
    return with(options -> options.stalledSessionTimeout = changed);
  }

  public int lanes() {
    return lanes;
  }

  public EngineOptions withLanes(int changed) {
    requirePositive("lanes", changed);
    return with(options -> options.lanes = changed);
  }

  public int maxBatch() {
    return maxBatch;
  }

  public EngineOptions withMaxBatch(int changed) {
    requirePositive("maxBatch", changed);
    return with(options -> options.maxBatch = changed);
  }

  public int laneCapacity() {
    return laneCapacity;
  }

  public EngineOptions withLaneCapacity(int changed) {
    requirePositive("laneCapacity", changed);
    return with(options -> options.laneCapacity = changed);
  }

  public Duration presenceGrace() {
    return presenceGrace;
  }

  public EngineOptions withPresenceGrace(Duration changed) {
    requirePositive("presenceGrace", changed.toNanos());
    return with(options -> options.presenceGrace = changed);
  }

  public Duration hookDeadline() {
    return hookDeadline;
  }

  public EngineOptions withHookDeadline(Duration changed) {
    requirePositive("hookDeadline", changed.toNanos());
    return with(options -> options.hookDeadline = changed);
  }

  public int maxHookCalls() {
    return maxHookCalls;
  }

  public EngineOptions withMaxHookCalls(int changed) {
    requirePositive("maxHookCalls", changed);
    return with(options -> options.maxHookCalls = changed);
  }

  public int maxPendingHookSends() {
    return maxPendingHookSends;
  }

  public EngineOptions withMaxPendingHookSends(int changed) {
    requirePositive("maxPendingHookSends", changed);
    return with(options -> options.maxPendingHookSends = changed);
  }

  public Duration sendTimeout() {
    return sendTimeout;
  }

  public EngineOptions withSendTimeout(Duration changed) {
    requirePositive("sendTimeout", changed.toNanos());
    return with(options -> options.sendTimeout = changed);
  }

  public Duration transactionIdleLimit() {
    return transactionIdleLimit;
  }

  public EngineOptions withTransactionIdleLimit(Duration changed) {
    if (changed.toMillis() < 1 || changed.toMillis() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "transactionIdleLimit must be between 1 ms and 2^31 - 1 ms, not " + changed);
    }
    return with(options -> options.transactionIdleLimit = changed);
  }

  private static void requirePositive(String name, long value) {
    if (value <= 0) {
      throw new IllegalArgumentException(name + " must be above zero, not " + value);
    }
  }
}
