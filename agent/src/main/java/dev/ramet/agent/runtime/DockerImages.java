package dev.ramet.agent.runtime;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Image;
import com.github.dockerjava.api.model.PullResponseItem;
import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import dev.ramet.agent.exec.Command;
import dev.ramet.agent.exec.Commands;
import dev.ramet.agent.exec.Completed;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The container images of engines: found, pulled, or built on this host. */
final class DockerImages {
  private static final Pattern TAG = Pattern.compile("postgres:(\\d{1,3})");
  private static final Duration FIRST_SIGN = Duration.ofSeconds(15);
  private static final Duration WHOLE_PULL = Duration.ofMinutes(20);
  private static final Duration WHOLE_BUILD = Duration.ofMinutes(20);

  private final DockerSettings settings;
  private final DockerConnection docker;
  private final Set<String> known = ConcurrentHashMap.newKeySet();
  private final ReentrantLock making = new ReentrantLock();

  DockerImages(DockerSettings settings, DockerConnection docker) {
    this.settings = settings;
    this.docker = docker;
  }

  /** The image that holds these programs. */
  String name(Programs programs) {
    return settings.registry() + programs;
  }

  /** Major versions that are here or can be built, oldest first. */
  List<String> versions() {
    Set<Integer> majors = new TreeSet<>(here());
    if (settings.buildScript().isPresent()) {
      settings.buildable().forEach(name -> major(name).ifPresent(majors::add));
    }
    return majors.stream().map(String::valueOf).toList();
  }

  /** Major versions whose images are on this host. */
  List<String> versionsHere() {
    return here().stream().map(String::valueOf).toList();
  }

  private Set<Integer> here() {
    Set<Integer> majors = new TreeSet<>();
    for (Image image : docker.ask(client -> client.listImagesCmd().exec())) {
      String[] tags = image.getRepoTags();
      for (String tag : tags == null ? new String[0] : tags) {
        if (tag.startsWith(settings.registry())) {
          major(tag.substring(settings.registry().length())).ifPresent(majors::add);
        }
      }
    }
    return majors;
  }

  /** Makes sure of the image; at once where it was seen before. */
  void ensure(Programs programs) throws InterruptedException {
    String name = name(programs);
    if (known.contains(name)) {
      return;
    }
    making.lockInterruptibly();
    try {
      if (!isHere(name)) {
        make(programs, name);
      }
      known.add(name);
    } finally {
      making.unlock();
    }
  }

  /** It turned out not to be there any more. */
  void forget(Programs programs) {
    known.remove(name(programs));
  }

  private void make(Programs programs, String name) throws InterruptedException {
    String pullProblem = pull(name);
    if (pullProblem.isEmpty()) {
      return;
    }
    Optional<Path> script = settings.buildScript();
    if (script.isEmpty() || !settings.buildable().contains(programs.toString())) {
      throw missing(
          name,
          "no registry gave it (%s), and it cannot be built here".formatted(pullProblem),
          List.of());
    }
    Completed built =
        Commands.run(
            new Command(
                List.of(script.get().toString(), programs.toString()),
                Map.of("HOME", "/root", "DOCKER_HOST", settings.endpoint())),
            WHOLE_BUILD);
    if (!built.ok()) {
      throw missing(
          name,
          "no registry gave it (%s), and %s failed: %s"
              .formatted(
                  pullProblem,
                  script.get(),
                  built.output().isEmpty() ? "it said nothing" : built.output().getLast()),
          built.output());
    }
    if (!settings.registry().isEmpty()) {
      docker.ask(client ->
          client
              .tagImageCmd(
                  programs.toString(), settings.registry() + programs.engine(), programs.version())
              .exec());
    }
  }

  private boolean isHere(String name) {
    return docker.ask(client -> {
      try {
        client.inspectImageCmd(name).exec();
        return true;
      } catch (NotFoundException e) {
        return false;
      }
    });
  }

  /** Empty: it is here now. Otherwise why not. */
  private String pull(String name) throws InterruptedException {
    CountDownLatch sign = new CountDownLatch(1);
    ResultCallback.Adapter<PullResponseItem> progress =
        new ResultCallback.Adapter<>() {
          @Override
          public void onNext(PullResponseItem item) {
            sign.countDown();
          }

          @Override
          public void onError(Throwable problem) {
            super.onError(problem);
            sign.countDown();
          }

          @Override
          public void onComplete() {
            super.onComplete();
            sign.countDown();
          }
        };
    try (progress) {
      docker.stream(client -> client.pullImageCmd(name).exec(progress));
      if (!sign.await(FIRST_SIGN.toSeconds(), TimeUnit.SECONDS)) {
        return "it did not answer within %d s".formatted(FIRST_SIGN.toSeconds());
      }
      if (!progress.awaitCompletion(WHOLE_PULL.toSeconds(), TimeUnit.SECONDS)) {
        return "it took longer than %d min".formatted(WHOLE_PULL.toMinutes());
      }
      return isHere(name) ? "" : "it has none";
    } catch (DockerException e) {
      return firstLine(e);
    } catch (IOException e) {
      return firstLine(e);
    }
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("no reason given");
  }

  private static Optional<Integer> major(String tag) {
    Matcher matcher = TAG.matcher(tag);
    return matcher.matches() ? Optional.of(Integer.valueOf(matcher.group(1))) : Optional.empty();
  }

  private static AgentException missing(String name, String why, List<String> log) {
    return new AgentException(
        AgentError.ENGINE_IMAGE_MISSING,
        "container image '%s' is not on this host: %s; load it (docker load), build it (deploy/images/build), or use the process runtime"
            .formatted(name, why),
        log);
  }
}
