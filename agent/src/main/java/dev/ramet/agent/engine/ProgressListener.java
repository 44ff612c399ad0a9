package dev.ramet.agent.engine;

/** Told of a load's progress, on the load's own threads; must return soon. */
@FunctionalInterface
public interface ProgressListener {
  /**
   * Takes the state of a step.
   *
   * @param step "base-backup", "restore", "adopt", "recover", "check", "prepare", "shutdown"
   * @param bytesDone of this step
   * @param bytesTotal of this step; 0: unknown
   */
  void progress(String step, long bytesDone, long bytesTotal);
}
