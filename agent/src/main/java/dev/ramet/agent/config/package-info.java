/**
 * What an operator may set for an agent: keys, defaults, and the values made of them.
 *
 * <p>It owns the grammar of the properties file and of the command line, and refuses what it does
 * not know. It must not know what the settings are used for: no other package of the agent is seen
 * from here.
 */
@NullMarked
package dev.ramet.agent.config;

import org.jspecify.annotations.NullMarked;
