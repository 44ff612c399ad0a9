package dev.ramet.agent.runtime;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.core.RemoteApiVersion;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The way to a Docker engine. The version of its API is agreed on once per connection; when the
 * engine went away, the next question makes a new one.
 */
final class DockerConnection {
  /** The oldest that has all we use, and the newest that we know. */
  private static final RemoteApiVersion OLDEST = RemoteApiVersion.VERSION_1_41;

  private static final RemoteApiVersion NEWEST = RemoteApiVersion.VERSION_1_44;
  private static final Duration CONNECT = Duration.ofSeconds(3);
  private static final Duration ANSWER = Duration.ofSeconds(60);
  private static final Duration NO_LIMIT = Duration.ZERO;

  private final String endpoint;
  private volatile @Nullable Clients clients;

  DockerConnection(String endpoint) {
    this.endpoint = endpoint;
  }

  /** Asks what is answered at once; asked again, once, where the connection was lost. */
  <T> T ask(Function<DockerClient, T> question) {
    return attempt(question, Kind.QUICK, NO_LIMIT);
  }

  /** Asks what may take as long as it likes: waits, streams. */
  <T> T stream(Function<DockerClient, T> question) {
    return attempt(question, Kind.PATIENT, NO_LIMIT);
  }

  /** Asks what takes long, but no longer than this. */
  <T> T within(Duration limit, Function<DockerClient, T> question) {
    return attempt(question, Kind.PATIENT, limit);
  }

  private <T> T attempt(Function<DockerClient, T> question, Kind kind, Duration limit) {
    Clients used = clients();
    try {
      return whole(() -> question.apply(used.of(kind)), limit);
    } catch (DockerException | AgentException e) {
      throw e; // It answered.
    } catch (RuntimeException e) {
      if (!isLost(e)) {
        throw e;
      }
      forget(used);
    }
    // The engine was started anew, perhaps, and only the old connections are dead.
    Clients anew = clients();
    try {
      return whole(() -> question.apply(anew.of(kind)), limit);
    } catch (DockerException | AgentException e) {
      throw e;
    } catch (RuntimeException e) {
      if (!isLost(e)) {
        throw e;
      }
      forget(anew);
      throw unavailable(e);
    }
  }

  private static boolean isLost(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof IOException) {
        return true;
      }
    }
    return false;
  }

  /**
   * Asks on a thread that nobody interrupts: half a question could leave a container behind that we
   * do not know of. The caller's interrupt is kept for later; every answer has a time limit.
   */
  private <T> T whole(Supplier<T> question, Duration limit) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    if (limit.isPositive()) {
      answer.orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS);
    }
    Thread.ofVirtual()
        .start(() -> {
          try {
            answer.complete(question.get());
          } catch (Throwable e) {
            answer.completeExceptionally(e);
          }
        });
    try {
      return answer.join();
    } catch (CompletionException e) {
      switch (e.getCause()) {
        case RuntimeException cause -> throw cause;
        case Error cause -> throw cause;
        case TimeoutException cause -> throw unavailable(cause);
        case null, default -> throw e;
      }
    }
  }

  private Clients clients() {
    Clients known = clients;
    if (known != null) {
      return known;
    }
    synchronized (this) {
      known = clients;
      if (known == null) {
        known = connect();
        clients = known;
      }
      return known;
    }
  }

  private Clients connect() {
    String said;
    try (DockerClient first = client(RemoteApiVersion.unknown(), ANSWER)) {
      said = String.valueOf(first.versionCmd().exec().getApiVersion());
    } catch (IOException | RuntimeException e) {
      throw unavailable(e);
    }
    RemoteApiVersion theirs = RemoteApiVersion.parseConfig(said);
    if (!theirs.isGreaterOrEqual(OLDEST)) {
      throw new AgentException(
          AgentError.RUNTIME_UNAVAILABLE,
          "Docker at %s speaks API %s, and %s is needed: install Docker 20.10 or newer"
              .formatted(endpoint, said, OLDEST.getVersion()));
    }
    RemoteApiVersion agreed = theirs.isGreaterOrEqual(NEWEST) ? NEWEST : theirs;
    return new Clients(client(agreed, ANSWER), client(agreed, null));
  }

  private DockerClient client(RemoteApiVersion version, @Nullable Duration answer) {
    DefaultDockerClientConfig config =
        DefaultDockerClientConfig.createDefaultConfigBuilder()
            .withDockerHost(endpoint)
            .withApiVersion(version)
            .build();
    ZerodepDockerHttpClient.Builder transport =
        new ZerodepDockerHttpClient.Builder()
            .dockerHost(URI.create(endpoint))
            .connectionTimeout(CONNECT)
            .maxConnections(200);
    if (answer != null) {
      transport.responseTimeout(answer);
    }
    return DockerClientImpl.getInstance(config, transport.build());
  }

  private synchronized void forget(Clients broken) {
    // Left to the collector, not closed: other threads may still read from its streams.
    if (broken.equals(clients)) {
      clients = null;
    }
  }

  private AgentException unavailable(Throwable cause) {
    return new AgentException(
        AgentError.RUNTIME_UNAVAILABLE,
        "Docker does not answer at %s: start it (systemctl start docker) or use the process runtime"
            .formatted(endpoint),
        cause);
  }

  private enum Kind {
    QUICK,
    PATIENT
  }

  private record Clients(DockerClient quick, DockerClient patient) {
    DockerClient of(Kind kind) {
      return kind == Kind.QUICK ? quick : patient;
    }
  }
}
