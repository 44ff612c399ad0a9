package dev.ramet.coordinator.store;

import com.google.protobuf.Message;
import org.jspecify.annotations.Nullable;

/**
 * One record came, changed or went. Several writes to one record may arrive as one change.
 *
 * @param before null: there was none
 * @param after null: there is none
 * @param revision of the store when this was seen
 */
public record Change<T extends Message>(
    Key<T> key, @Nullable Versioned<T> before, @Nullable Versioned<T> after, long revision) {}
