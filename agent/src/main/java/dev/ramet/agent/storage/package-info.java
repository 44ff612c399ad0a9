/**
 * The pools of this host: which directories there are and which driver looks after each.
 *
 * <p>It owns opening, preparing and releasing pools. It sees drivers only through the storage
 * contract, found by {@link java.util.ServiceLoader}, and must not know any driver or gRPC.
 */
@NullMarked
package dev.ramet.agent.storage;

import org.jspecify.annotations.NullMarked;
