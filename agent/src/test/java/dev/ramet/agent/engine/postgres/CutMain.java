package dev.ramet.agent.engine.postgres;

import dev.ramet.agent.runtime.InstanceRuntime;
import dev.ramet.agent.runtime.LabDocker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;

/** An agent's life that a test cuts short: does one verb again and again until it is killed. */
final class CutMain {
  private CutMain() {}

  /** Arguments: runtime, agent, folder, volume, verb, then its argument: source or port. */
  public static void main(String[] args) throws Exception {
    TestVolumes volumes = new TestVolumes(Path.of(args[2]).resolve("pool"));
    volumes.create(args[3]);
    EngineLab lab =
        new EngineLab(volumes, runtime(args[0], args[1], Path.of(args[2])).apply(volumes));
    lab.instances.warmUp();
    System.out.println("READY");
    while (true) {
      if (args[4].equals("load")) {
        VolumeLayout.removeTree(
            new VolumeLayout(volumes.mountOf(TestVolumes.POOL, args[3]).orElseThrow()).manifest());
        lab.engine.load(lab.request(args[3], args[5]), (_, _, _) -> {});
      } else {
        lab.instances.start(EngineLab.spec(args[3], Integer.parseInt(args[5]), Map.of()));
        lab.instances.delete(args[3], Duration.ofSeconds(10));
      }
    }
  }

  static Function<TestVolumes, InstanceRuntime> runtime(String name, String agent, Path folder) {
    return name.equals("docker") ? _ -> LabDocker.runtime(agent) : EngineLab.process(agent, folder);
  }
}
