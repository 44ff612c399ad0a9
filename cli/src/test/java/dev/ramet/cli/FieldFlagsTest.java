package dev.ramet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class FieldFlagsTest {
  @TempDir Path home;
  private final FakeCoordinator coordinator = new FakeCoordinator();

  @AfterEach
  void stop() {
    coordinator.close();
  }

  private static StatusRuntimeException refusal(Map<String, String> faults) {
    BadRequest.Builder fields = BadRequest.newBuilder();
    faults.forEach((field, problem) ->
        fields.addFieldViolationsBuilder().setField(field).setDescription(problem));
    String words =
        faults.entrySet().stream()
            .map(fault -> fault.getKey() + ": " + fault.getValue())
            .collect(Collectors.joining("; "));
    return StatusProto.toStatusRuntimeException(
        Status.newBuilder()
            .setCode(Code.INVALID_ARGUMENT_VALUE)
            .setMessage(words)
            .addDetails(
                Any.pack(
                    ErrorInfo.newBuilder()
                        .setReason("INVALID_ARGUMENT")
                        .setDomain("ramet.dev")
                        .build()))
            .addDetails(Any.pack(fields.build()))
            .build());
  }

  @Test
  void aFaultIsToldByTheFlagThatTheUserGave() {
    coordinator.addExamples();
    coordinator.nextError =
        refusal(
            new java.util.TreeMap<>(
                Map.of(
                    "growth_limit_bytes", "2.0 TiB is more than the 1.0 TiB that it allows",
                    "lifetime.idle_ttl", "2d is more than the 1d that image app allows",
                    "name", "no DNS label")));
    CliRun.Surroundings here =
        new CliRun.Surroundings(home).with("RAMET_SERVER", coordinator.address());
    CliRun run = here.run("clone", "create", "fix", "--image", "app", "--idle-ttl", "2d");
    assertThat(run.status()).isEqualTo(ExitCode.USAGE.status());
    assertThat(run.err())
        .isEqualTo(
            "ramet: --growth: 2.0 TiB is more than the 1.0 TiB that it allows; --idle-ttl: 2d is"
                + " more than the 1d that image app allows; name: no DNS label\n");
  }

  @Test
  void eachFlagIsOneOfACommand() {
    Environment environment =
        new Environment(
            Map.of("HOME", home.toString()),
            InputStream.nullInputStream(),
            System.out,
            System.err,
            false,
            false,
            home,
            Clock.systemUTC());
    CommandLine root =
        Cli.commandLine(
            new GlobalOptions(), new Session(new GlobalOptions(), environment), name -> true);
    Set<String> known = options(root).collect(Collectors.toSet());
    List<String> used = FieldFlags.FLAGS.values().stream().flatMap(List::stream).toList();
    assertThat(known).containsAll(used);
  }

  private static Stream<String> options(CommandLine command) {
    return Stream.concat(
        command.getCommandSpec().optionsMap().keySet().stream(),
        command.getSubcommands().values().stream().flatMap(FieldFlagsTest::options));
  }
}
