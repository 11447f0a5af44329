/** A chat engine to embed: the API, the SPIs and their implementations. */
@SuppressWarnings("opens") // a package of SQL files only
module chat.engine {
  requires static transitive org.jspecify;
  requires static org.checkerframework.checker.qual;
  requires org.slf4j;
  requires transitive java.sql;
  requires java.management;
  requires com.zaxxer.hikari;
  requires org.jdbi.v3.core;
  // Jdbi is an automatic module, which cannot say that it needs this one
  requires io.leangen.geantyref;
  requires flyway.core;
  requires org.postgresql.jdbc;
  requires redis.clients.jedis;
  requires org.apache.commons.pool2;
  requires transitive tools.jackson.databind;

  exports chat.engine;
  exports chat.engine.blocking;
  exports chat.engine.bot;
  exports chat.engine.event;
  exports chat.engine.feed;
  exports chat.engine.hook;
  exports chat.engine.spi;
  exports chat.engine.spi.feed;
  exports chat.engine.spi.search;
  exports chat.engine.protocol;
  exports chat.engine.protocol.verb;
  exports chat.engine.memory;
  exports chat.engine.postgres;
  exports chat.engine.postgres.router;
  exports chat.engine.redis;
  exports chat.engine.sonyflake;

  // Flyway reads the migrations by the class loader, which finds them in an open package only.
  opens chat.engine.migrations;
}
