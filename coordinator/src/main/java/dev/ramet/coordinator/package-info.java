/** Where the coordinator's program begins. Everything else lies in the packages below. */
@NullMarked
package dev.ramet.coordinator;

import org.jspecify.annotations.NullMarked;
