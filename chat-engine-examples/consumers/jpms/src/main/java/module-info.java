/** An application that is a module. */
module consumer {
  requires chat.engine;

  // an embedded PostgreSQL to try it on, and what that needs
  requires embedded.postgres;
  requires org.apache.commons.codec;
  requires org.apache.commons.compress;
  requires org.apache.commons.io;
  requires org.apache.commons.lang3;
  requires org.tukaani.xz;
}
