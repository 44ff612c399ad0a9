package dev.ramet.agent;

import dev.ramet.agent.config.AgentConfig;
import dev.ramet.agent.config.CommandLine;
import dev.ramet.agent.config.ConfigException;
import dev.ramet.storage.StorageException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agent's program. Exit codes: 0 after a stop that was asked for, 1 where it cannot start or
 * release, 2 where the command line or the configuration cannot be used.
 */
public final class Main {
  private static final int FAILED = 1;
  private static final int USAGE = 2;

  private Main() {}

  /** Runs until SIGTERM or SIGINT. */
  public static void main(String[] arguments) {
    // Storage verbs wait in the kernel, which pins a virtual thread to its carrier: have spare
    // carriers, which cost nothing until they are needed. Must be set before the first is used.
    System.setProperty("jdk.virtualThreadScheduler.parallelism", "32");
    System.setProperty("jdk.virtualThreadScheduler.maxPoolSize", "256");
    System.exit(run(List.of(arguments)));
  }

  private static int run(List<String> arguments) {
    try {
      CommandLine line = CommandLine.parse(arguments);
      return switch (line.action()) {
        case HELP -> print(CommandLine.usage());
        case VERSION -> print("ramet-agent " + version());
        case RELEASE -> release(AgentConfig.of(line.settings()));
        case RUN -> serve(AgentConfig.of(line.settings()));
      };
    } catch (ConfigException e) {
      e.faults().forEach(fault -> System.err.println("ramet-agent: " + fault));
      return USAGE;
    } catch (IOException | StorageException e) {
      System.err.println("ramet-agent: " + e.getMessage());
      return FAILED;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return FAILED;
    } catch (RuntimeException e) {
      LoggerFactory.getLogger(Main.class).error("the agent cannot start", e);
      return FAILED;
    }
  }

  private static int serve(AgentConfig config) throws IOException, InterruptedException {
    Agent agent = new Agent(config, version());
    agent.start();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(agent), "stop"));
    new CountDownLatch(1).await();
    return 0;
  }

  /** A JVM that a signal ends exits with 143; an agent that was told to stop and did so, with 0. */
  private static void stop(Agent agent) {
    Logger log = LoggerFactory.getLogger(Main.class);
    try {
      agent.stop();
      Runtime.getRuntime().halt(0);
    } catch (IOException | InterruptedException | RuntimeException e) {
      log.error("the agent did not stop cleanly", e);
      Runtime.getRuntime().halt(FAILED);
    }
  }

  private static int release(AgentConfig config) throws IOException {
    PoolRelease.run(config);
    return 0;
  }

  private static int print(String text) {
    System.out.println(text.stripTrailing());
    return 0;
  }

  private static String version() {
    return Optional.ofNullable(Main.class.getPackage().getImplementationVersion())
        .orElse("development");
  }
}
