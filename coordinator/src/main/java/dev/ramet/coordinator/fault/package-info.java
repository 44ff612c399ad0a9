/**
 * What can go wrong, as values: the coordinator's error codes and one fault type that every other
 * package raises and that is kept in records. It knows nothing of gRPC, etcd or HTTP: {@code api}
 * turns a fault into a status, {@code fleet} makes faults out of an agent's answers.
 */
@NullMarked
package dev.ramet.coordinator.fault;

import org.jspecify.annotations.NullMarked;
