package chat.engine.examples.faultcheck.fault;

/** A fault that can be made, and undone. Both may block. */
interface Fault {
  void begin();

  void end();
}
