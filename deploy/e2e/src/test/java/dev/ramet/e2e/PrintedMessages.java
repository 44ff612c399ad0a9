package dev.ramet.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.attribute.LocalVariableInfo;
import java.lang.classfile.attribute.LocalVariableTableAttribute;
import java.lang.classfile.instruction.ArrayStoreInstruction;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.classfile.instruction.NewReferenceArrayInstruction;
import java.lang.classfile.instruction.TypeCheckInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDesc;
import java.lang.constant.MethodHandleDesc;
import java.lang.constant.MethodTypeDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Finds where compiled code turns a protobuf message into text other than by DebugFormat. Looks at
 * static types, so a message that is held as an Object, or within a list, is not seen.
 */
final class PrintedMessages {
  /** {@code +} is valueOf, once it is compiled. */
  private static final Set<String> PRINTS =
      Set.of("toString", "valueOf", "append", "print", "println", "format", "formatted", "insert");

  /** A logger's methods take what they print as it is. */
  private static final Set<String> LOGS =
      Set.of("addKeyValue", "addArgument", "log", "trace", "debug", "info", "warn", "error");

  private final Predicate<ClassDesc> isMessage;
  private final List<String> found = new ArrayList<>();

  PrintedMessages(Predicate<ClassDesc> isMessage) {
    this.isMessage = isMessage;
  }

  /** All findings in the classes below these folders: "class.method: what". */
  List<String> in(List<Path> roots) {
    for (Path root : roots) {
      try (Stream<Path> files = Files.walk(root)) {
        for (Path file : files.filter(f -> f.toString().endsWith(".class")).sorted().toList()) {
          look(ClassFile.of().parse(file));
        }
      } catch (IOException error) {
        throw new UncheckedIOException("not built? " + root, error);
      }
    }
    return found;
  }

  private void look(ClassModel type) {
    String name = type.thisClass().asInternalName();
    for (MethodModel method : type.methods()) {
      String where = name + "." + method.methodName().stringValue();
      method.code().ifPresent(code -> look(type, code, where));
    }
  }

  private void look(ClassModel type, CodeModel code, String where) {
    List<LocalVariableInfo> variables =
        code.findAttribute(Attributes.localVariableTable())
            .map(LocalVariableTableAttribute::localVariables)
            .orElse(List.of());
    Optional<ClassDesc> pushed = Optional.empty();
    ClassDesc array = ClassDesc.ofDescriptor("Ljava/lang/Object;");
    int at = 0;
    for (CodeElement element : code) {
      switch (element) {
        case InvokeInstruction call -> {
          look(call, pushed, where);
          pushed = Optional.of(call.typeSymbol().returnType());
        }
        case InvokeDynamicInstruction call -> {
          look(type, call, where);
          pushed = Optional.of(call.typeSymbol().returnType());
        }
        case ArrayStoreInstruction store -> {
          if (array.displayName().equals("Object")) {
            pushed.filter(isMessage).ifPresent(message -> add(where, "an argument", message));
          }
          pushed = Optional.empty();
        }
        case NewReferenceArrayInstruction made -> {
          array = made.componentType().asSymbol();
          pushed = Optional.empty();
        }
        case FieldInstruction field -> pushed = Optional.of(field.typeSymbol());
        case TypeCheckInstruction check when check.opcode() == Opcode.CHECKCAST ->
            pushed = Optional.of(check.type().asSymbol());
        case LoadInstruction load -> pushed = typeOf(load, at, variables);
        case Instruction other -> pushed = Optional.empty();
        default -> {}
      }
      at += element instanceof Instruction instruction ? instruction.sizeInBytes() : 0;
    }
  }

  private static Optional<ClassDesc> typeOf(
      LoadInstruction load, int at, List<LocalVariableInfo> variables) {
    return variables.stream()
        .filter(variable -> variable.slot() == load.slot())
        .filter(variable -> at >= variable.startPc() && at < variable.startPc() + variable.length())
        .map(LocalVariableInfo::typeSymbol)
        .findFirst();
  }

  private void look(InvokeInstruction call, Optional<ClassDesc> last, String where) {
    String method = call.name().stringValue();
    ClassDesc owner = call.owner().asSymbol();
    if (method.equals("toString") && isMessage.test(owner)) {
      add(where, "toString", owner);
    }
    boolean logs = LOGS.contains(method) && owner.packageName().startsWith("org.slf4j");
    List<ClassDesc> parameters = call.typeSymbol().parameterList();
    if ((logs || PRINTS.contains(method) && owner.packageName().startsWith("java."))
        && !parameters.isEmpty()
        && parameters.getLast().displayName().equals("Object")) {
      last.filter(isMessage).ifPresent(message -> add(where, method, message));
    }
  }

  private void look(ClassModel type, InvokeDynamicInstruction call, String where) {
    switch (call.bootstrapMethod().owner().displayName()) {
      case "ObjectMethods" -> {
        if (call.name().stringValue().equals("toString")) {
          lookAtComponents(type, where);
        }
      }
      case "LambdaMetafactory" -> lookAtReference(call.bootstrapArgs(), where);
      default -> {}
    }
  }

  /** A record's own toString prints all components. */
  private void lookAtComponents(ClassModel type, String where) {
    type.findAttribute(Attributes.record())
        .ifPresent(components ->
            components.components().stream()
                .map(component -> component.descriptorSymbol())
                .filter(isMessage)
                .forEach(message -> add(where, "of a record", message)));
  }

  /** {@code Clone::toString}, {@code String::valueOf} for a clone. */
  private void lookAtReference(List<ConstantDesc> arguments, String where) {
    String method =
        arguments.get(1) instanceof java.lang.constant.DirectMethodHandleDesc direct
            ? direct.methodName()
            : "";
    if ((method.equals("toString") || method.equals("valueOf"))
        && arguments.get(1) instanceof MethodHandleDesc
        && arguments.get(2) instanceof MethodTypeDesc instantiated) {
      instantiated.parameterList().stream()
          .filter(isMessage)
          .forEach(message -> add(where, "::" + method, message));
    }
  }

  private void add(String where, String how, ClassDesc message) {
    found.add(where + ": " + how + " of " + message.displayName());
  }
}
