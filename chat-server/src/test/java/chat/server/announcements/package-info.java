/** Tests of what is announced and told, by a clock of the test. */
package chat.server.announcements;
