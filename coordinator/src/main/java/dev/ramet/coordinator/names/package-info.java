/**
 * The grammar of names that users type and of the ids that volumes, instances and snapshots carry
 * on hosts. Pure; it knows neither records nor messages. An id that does not parse here was not
 * made by Ramet and is never touched.
 */
@NullMarked
package dev.ramet.coordinator.names;

import org.jspecify.annotations.NullMarked;
