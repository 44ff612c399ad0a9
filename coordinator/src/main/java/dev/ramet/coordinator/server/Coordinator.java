package dev.ramet.coordinator.server;

import io.micronaut.context.exceptions.BeanInstantiationException;
import io.micronaut.context.exceptions.ConfigurationException;
import io.micronaut.context.exceptions.DependencyInjectionException;
import io.micronaut.http.server.exceptions.ServerStartupException;
import io.micronaut.runtime.Micronaut;
import java.net.BindException;
import java.util.List;
import java.util.Optional;

/** Starts the whole coordinator. What stops it from starting is told in one line. */
public final class Coordinator {
  private static final int FAILED = 1;
  private static final String CONTAINERS_REASON = "Message: ";

  private Coordinator() {}

  public static void run(String[] args) {
    try {
      Micronaut.build(args)
          .banner(false)
          .mapError(StartupException.class, Coordinator::refuse)
          .mapError(ServerStartupException.class, Coordinator::refuse)
          .mapError(BeanInstantiationException.class, Coordinator::refuse)
          .mapError(DependencyInjectionException.class, Coordinator::refuse)
          .mapError(ConfigurationException.class, Coordinator::refuse)
          .start();
    } catch (RuntimeException error) {
      refuse(error);
    }
  }

  /** Does not return: Micronaut would go on to log the whole stack. */
  private static int refuse(Throwable error) {
    System.err.println("ramet-coordinator: " + reason(error));
    Runtime.getRuntime().halt(FAILED);
    return FAILED;
  }

  private static String reason(Throwable error) {
    Optional<Throwable> bind = cause(error, BindException.class);
    Optional<Throwable> refused = cause(error, StartupException.class);
    if (refused.isPresent()) {
      return message(refused.get());
    }
    if (bind.isPresent()) {
      return "the HTTP port cannot be opened (%s): choose another one by RAMET_HTTP_PORT"
          .formatted(message(bind.get()));
    }
    return message(root(error));
  }

  private static Optional<Throwable> cause(Throwable error, Class<? extends Throwable> type) {
    for (Throwable at = error; ; at = at.getCause()) {
      if (type.isInstance(at)) {
        return Optional.of(at);
      }
      if (at.getCause() == null) {
        return Optional.empty();
      }
    }
  }

  private static Throwable root(Throwable error) {
    Throwable at = error;
    while (at.getCause() != null) {
      at = at.getCause();
    }
    return at;
  }

  /** One line; of the container's many the one that says what is wrong. */
  private static String message(Throwable error) {
    List<String> lines =
        String.valueOf(error.getMessage()).lines().filter(line -> !line.isBlank()).toList();
    return lines.stream()
        .filter(line -> line.startsWith(CONTAINERS_REASON))
        .map(line -> line.substring(CONTAINERS_REASON.length()))
        .findFirst()
        .orElse(lines.isEmpty() ? error.getClass().getName() : lines.getFirst());
  }
}
