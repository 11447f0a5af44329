package chat.engine.contract;

import chat.engine.spi.MessageStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * What every {@link MessageStore} must do, its conversations and last-seen parts included. Extend
 * it, implement {@link #openStore()}, and all its tests run against that store. Tests of one class
 * must not run side by side.
 */
public abstract class MessageStoreContract
    implements AppendContract,
        SearchContract,
        ConcurrentAppendContract,
        MessageChangeContract,
        ConcurrentMessageChangeContract,
        ReactionContract,
        ConcurrentReactionContract,
        PinContract,
        VersionContract,
        ReplacementContract,
        MentionContract,
        ReplyPreviewContract,
        ForwardContract,
        AttachmentContract,
        HistoryAccessContract,
        AtomicityContract,
        ReadContract,
        ConversationContract,
        GroupKeyContract,
        PageContract,
        GroupChangeContract,
        LivingGroupContract,
        ConcurrentLivingGroupContract,
        InviteContract,
        ReportContract,
        RetentionContract,
        DeletionContract,
        ReceiptContract,
        PreferencesContract,
        BlockContract,
        PrivacyContract,
        ProfileContract,
        LastSeenContract,
        WritesContract,
        FeedContract,
        ModelContract {
  private StoreFixture fixture;

  /**
   * Opens the store as a node does when it starts. Called once or more in a test: all stores opened
   * in one test must share their data, like the nodes of a cluster; what earlier tests left behind
   * may still be there. The test closes each. An implementation that lives in memory returns the
   * same object again.
   */
  protected abstract MessageStore openStore();

  @BeforeEach
  final void openFixture() {
    fixture = new StoreFixture(this::openStore);
  }

  @AfterEach
  final void closeFixture() {
    fixture.close();
  }

  /** The store under test, for further tests of the implementation. */
  @Override
  public final StoreFixture chat() {
    return fixture;
  }
}
