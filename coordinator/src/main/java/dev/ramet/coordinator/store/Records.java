package dev.ramet.coordinator.store;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.ramet.proto.store.v1.Meta;
import io.etcd.jetcd.KeyValue;
import java.util.Optional;

/** From etcd's bytes to records and back, and the Meta that most records carry. */
final class Records {
  private static final String META = "meta";

  private Records() {}

  static <T extends Message> Versioned<T> parse(Key<T> key, KeyValue pair)
      throws InvalidProtocolBufferException {
    T value = key.kind().parse(Bytes.protobuf(pair.getValue()));
    return new Versioned<>(key, value, pair.getModRevision(), pair.getCreateRevision());
  }

  /** The same, where a record that cannot be parsed ends the call. */
  static <T extends Message> Versioned<T> require(Key<T> key, KeyValue pair) {
    try {
      return parse(key, pair);
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException(
          StoreException.Code.CORRUPT,
          "the record " + key + " cannot be read (" + e.getMessage() + "); it was left as it is",
          e);
    }
  }

  static Optional<Meta> meta(Message record) {
    FieldDescriptor field = metaField(record).orElse(null);
    return field != null && record.hasField(field)
        ? Optional.of((Meta) record.getField(field))
        : Optional.empty();
  }

  /** The record with this write id in its Meta, if its message has one. */
  @SuppressWarnings("unchecked") // a builder builds what it was made from
  static <T extends Message> T stamped(T record, String writeId) {
    FieldDescriptor field = metaField(record).orElse(null);
    if (field == null) {
      return record;
    }
    Meta meta = ((Meta) record.getField(field)).toBuilder().setWriteId(writeId).build();
    return (T) record.toBuilder().setField(field, meta).build();
  }

  private static Optional<FieldDescriptor> metaField(Message record) {
    return Optional.ofNullable(record.getDescriptorForType().findFieldByName(META))
        .filter(field ->
            field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
                && field.getMessageType().equals(Meta.getDescriptor()));
  }
}
