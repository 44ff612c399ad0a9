package dev.ramet.agent.runtime;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.WaitResponse;
import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Learns how a container ended. */
final class DockerExit extends ResultCallback.Adapter<WaitResponse> {
  private final CompletableFuture<Integer> code = new CompletableFuture<>();

  @Override
  public void onNext(WaitResponse response) {
    code.complete(response.getStatusCode());
  }

  @Override
  public void onError(Throwable problem) {
    code.completeExceptionally(problem);
    super.onError(problem);
  }

  @Override
  public void onComplete() {
    code.completeExceptionally(new IllegalStateException("Docker ended the wait without a code"));
    super.onComplete();
  }

  boolean isKnown() {
    return code.isDone();
  }

  int await() throws InterruptedException {
    try {
      return code.get();
    } catch (ExecutionException e) {
      throw new AgentException(
          AgentError.RUNTIME_UNAVAILABLE,
          "Docker went away while a container ran: repeat when it is back",
          e);
    }
  }
}
