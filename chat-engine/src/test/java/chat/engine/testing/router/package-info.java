/** Nodes of a router without an engine, for tests of routers. Needs what the routers need. */
package chat.engine.testing.router;
