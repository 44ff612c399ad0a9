package dev.ramet.agent.runtime;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * What the engine tells of containers that ended. A stream that broke is opened anew when it is
 * asked for; what happened in between is not told. Thread-safe.
 */
final class DockerEnds {
  private static final String ENDED = "die";

  private final DockerConnection docker;
  private final String agent;
  private final Queue<String> ended = new ConcurrentLinkedQueue<>();
  private final Set<String> asked = ConcurrentHashMap.newKeySet();
  private volatile @Nullable Stream stream;

  DockerEnds(DockerConnection docker, String agent) {
    this.docker = docker;
    this.agent = agent;
  }

  /** What ends from now on until {@link #settled} was asked to. */
  void ask(String id) {
    asked.add(id);
  }

  void settled(String id) {
    asked.remove(id);
  }

  /** Those that have ended since the last call. */
  List<String> take() {
    Stream open = stream;
    if (open == null || open.isOver) {
      stream = open();
    }
    List<String> taken = new ArrayList<>();
    for (String id = ended.poll(); id != null; id = ended.poll()) {
      taken.add(id);
    }
    return taken;
  }

  private Stream open() {
    return docker.stream(client ->
        client
            .eventsCmd()
            .withEventTypeFilter("container")
            .withEventFilter(ENDED)
            .withLabelFilter(DockerContainers.AGENT + "=" + agent, DockerContainers.INSTANCE)
            .exec(new Stream()));
  }

  private final class Stream extends ResultCallback.Adapter<Event> {
    private volatile boolean isOver;

    @Override
    public void onNext(Event event) {
      Map<String, String> labels =
          event.getActor() == null ? null : event.getActor().getAttributes();
      String id = labels == null ? null : labels.get(DockerContainers.INSTANCE);
      if (id != null && !asked.contains(id)) {
        ended.add(id);
      }
    }

    @Override
    public void onError(Throwable broken) {
      isOver = true;
      super.onError(broken);
    }

    @Override
    public void onComplete() {
      isOver = true;
      super.onComplete();
    }
  }
}
