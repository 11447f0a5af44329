/** An application that is a module. */
module consumer {
  requires chat.engine;
}
