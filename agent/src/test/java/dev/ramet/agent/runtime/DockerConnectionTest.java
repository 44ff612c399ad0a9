package dev.ramet.agent.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpServer;
import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A Docker that tells its version and nothing else. */
@Timeout(30)
class DockerConnectionTest {
  private final CountDownLatch end = new CountDownLatch(1);
  private HttpServer server;
  private DockerConnection docker;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] version = "{\"ApiVersion\":\"1.44\"}".getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().add("Content-Type", "application/json");
          exchange.sendResponseHeaders(200, version.length);
          exchange.getResponseBody().write(version);
          exchange.close();
        });
    server.start();
    docker = new DockerConnection("tcp://127.0.0.1:" + server.getAddress().getPort());
  }

  @AfterEach
  void stop() {
    end.countDown();
    server.stop(0);
  }

  @Test
  void anErrorReachesTheCallerAndDoesNotHangIt() {
    assertThatThrownBy(() ->
            docker.ask(client -> {
              throw new NoClassDefFoundError("gone");
            }))
        .isInstanceOf(NoClassDefFoundError.class);
  }

  @Test
  void aQuestionWithALimitEndsByIt() {
    AgentException silent =
        catchThrowableOfType(
            AgentException.class,
            () ->
                docker.within(
                    Duration.ofMillis(200),
                    client -> {
                      try {
                        end.await();
                      } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                      }
                      return client;
                    }));
    assertThat(silent.error()).isEqualTo(AgentError.RUNTIME_UNAVAILABLE);
  }
}
