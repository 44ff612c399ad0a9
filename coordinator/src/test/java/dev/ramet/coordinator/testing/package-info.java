/** Real servers for tests: started on free ports, killed, frozen, restarted, and cleaned up. */
package dev.ramet.coordinator.testing;
