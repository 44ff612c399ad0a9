package dev.ramet.coordinator.api;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.fault.Fault.FieldFault;
import dev.ramet.coordinator.fault.FaultException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A field that this version does not know is a wish that it cannot fulfil: refused, never dropped.
 */
final class UnknownFields {
  private UnknownFields() {}

  static void refuse(Message request) {
    List<FieldFault> found = new ArrayList<>();
    collect(request, "", found);
    if (!found.isEmpty()) {
      throw new FaultException(
          ErrorCode.UNKNOWN_FIELD
              .fault(
                  "the request has fields that this coordinator does not know (%s): is the client newer than it?"
                      .formatted(String.join(", ", found.stream().map(FieldFault::field).toList())))
              .withFields(found));
    }
  }

  private static void collect(Message message, String path, List<FieldFault> found) {
    message
        .getUnknownFields()
        .asMap()
        .keySet()
        .forEach(number -> found.add(new FieldFault(path + "#" + number, "unknown field")));
    for (Map.Entry<FieldDescriptor, Object> field : message.getAllFields().entrySet()) {
      String inner = path + field.getKey().getName() + ".";
      switch (field.getValue()) {
        case Message one -> collect(one, inner, found);
        case List<?> many ->
            many.forEach(item -> {
              if (item instanceof Message one) {
                collect(one, inner, found);
              }
            });
        default -> {}
      }
    }
  }
}
