/**
 * The {@code linux-target} array driver: another Linux machine whose agent has a target.
 *
 * <p>It owns how that agent is spoken to. It knows no host that uses the volumes, and runs nothing.
 */
@NullMarked
package dev.ramet.storage.linuxtarget;

import org.jspecify.annotations.NullMarked;
