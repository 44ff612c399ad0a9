/**
 * Whole installations on one machine, tested from outside: real etcd, coordinators, agents and
 * databases, driven through the Java SDK and the command line. Nothing here knows a class of the
 * coordinator or the agent.
 */
@NullMarked
package dev.ramet.e2e;

import org.jspecify.annotations.NullMarked;
