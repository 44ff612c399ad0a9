package dev.ramet.storage.testkit;

import dev.ramet.storage.ByteSize;
import dev.ramet.storage.CowDriver;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The suite over a broken driver; run by {@link ContractBitesTest} only, with a defect's name. */
class BrokenDriverCases extends CowDriverContract {
  static final String PARAMETER = "ramet.defect";

  @TempDir Path directory;
  private InMemoryPool pool;
  private Defect defect;

  @RegisterExtension
  final BeforeEachCallback readDefect =
      context ->
          defect = Defect.valueOf(context.getConfigurationParameter(PARAMETER).orElseThrow());

  @Override
  protected CowDriver open() {
    if (pool == null) {
      pool = new InMemoryPool(directory, ByteSize.ofMebi(256));
    }
    return new BrokenDriver(pool, defect);
  }

  @Override
  protected AutoCloseable fillPool() {
    return pool.fill();
  }
}
