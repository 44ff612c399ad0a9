/**
 * Values that must never be seen: passwords and URLs that hold one. Nothing here prints what it
 * carries, and nothing outside may turn one into text except where it goes into a message for the
 * part that needs it.
 */
@NullMarked
package dev.ramet.coordinator.secret;

import org.jspecify.annotations.NullMarked;
