package dev.ramet.agent.engine.postgres;

import dev.ramet.agent.exec.ProcessTable;
import dev.ramet.agent.runtime.InstanceRuntime;
import java.nio.file.Path;
import java.util.function.Function;

/** The engine with servers as plain processes. */
class ProcessPostgresIT extends PostgresEngineContract {
  @Override
  Function<TestVolumes, InstanceRuntime> runtime(Path folder) {
    return EngineLab.process("it-" + folder.getFileName(), folder);
  }

  @Override
  void kill(String id) throws Exception {
    ProcessTable.killTree(Long.parseLong(lab.instances.find(id).orElseThrow().handle()));
  }
}
