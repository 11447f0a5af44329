package example;

import chat.engine.ChatEngine;
import chat.engine.Conversation;
import chat.engine.GroupKey;
import chat.engine.NewGroup;
import chat.engine.NewMessage;
import chat.engine.TransactionalChat;
import chat.engine.UserId;
import java.security.Principal;
import java.util.Set;
import javax.sql.DataSource;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.event.TransactionalEventListener;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** An order and its message are stored together, or not at all. */
@RestController
class Orders {
  private static final UserId SELLER = UserId.of("bob");

  private final JdbcClient jdbc;
  private final DataSource dataSource;
  private final ChatEngine engine;
  private final ApplicationEventPublisher events;

  Orders(
      JdbcClient jdbc, DataSource dataSource, ChatEngine engine, ApplicationEventPublisher events) {
    this.jdbc = jdbc;
    this.dataSource = dataSource;
    this.engine = engine;
    this.events = events;
  }

  @PostMapping("/orders")
  @Transactional
  public long place(Principal customer, @RequestParam String item) {
    long order =
        jdbc.sql("INSERT INTO orders (customer, item) VALUES (?, ?) RETURNING id")
            .params(customer.getName(), item)
            .query(Long.class)
            .single();
    TransactionalChat chat = engine.transactional(DataSourceUtils.getConnection(dataSource));
    NewGroup members =
        NewGroup.named("Order " + order).withMembers(Set.of(UserId.of(customer.getName()), SELLER));
    Conversation talk = chat.ensureGroup(GroupKey.of("order:" + order), members);
    chat.send(talk.id(), NewMessage.text("Ordered: " + item));
    events.publishEvent(chat);
    return order;
  }

  @TransactionalEventListener // after the commit
  public void publish(TransactionalChat committed) {
    committed.publish();
  }
}
