package dev.ramet.agent.runtime;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The volumes of this host, as the pools and the kernel's mount table have them. Safe for many
 * threads.
 */
public interface Volumes {
  /** Where the volume is mounted; empty: it is not attached or does not exist. Cheap. */
  Optional<Path> mountOf(String pool, String volume);

  /** The volumes of this id, one in each pool that has one. Never fails; cheap: no listing. */
  Search named(String volume);

  /**
   * Every attached volume of every pool of this agent that can be listed; the others' health tells
   * why they are left out. Cost: a look at each volume.
   */
  List<AttachedVolume> attached();

  /** Attaches a detached volume for as long as it is looked into. */
  void whileAttached(String pool, String volume, Consumer<Path> look);

  /**
   * What pools have under one id.
   *
   * @param attached those that are attached
   * @param detachedIn pools that have one that is not
   * @param complete whether every pool could be asked
   */
  record Search(List<AttachedVolume> attached, List<String> detachedIn, boolean complete) {
    public Search {
      attached = List.copyOf(attached);
      detachedIn = List.copyOf(detachedIn);
    }
  }
}
