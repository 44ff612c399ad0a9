package dev.ramet.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The same work by hand, with the plainest tools: cp --reflink, losetup, mount, docker or postgres.
 */
final class Floor {
  private static final String SCRIPT =
      """
      set -eu
      snapshot=$1 work=$2 runtime=$3 port=$4 name=$5
      bin=$6 image=$7 config=$8
      mkdir "$work"
      cp --reflink=always "$snapshot" "$work.raw"
      loop=$(losetup --find --show --direct-io=on --sector-size 4096 "$work.raw")
      mount -o noatime,noinit_itable "$loop" "$work"
      cp "$config" "$work/floor.conf"
      echo 'host all all 127.0.0.1/32 trust' >"$work/floor_hba.conf"
      owner=$(stat -c %u:%g "$work/data")
      case $runtime in
        process) root=$work ;;
        docker) root=/var/lib/postgresql ;;
      esac
      set -- postgres -D "$root/data" -c config_file="$root/floor.conf" -c hba_file="$root/floor_hba.conf" \\
        -c listen_addresses=127.0.0.1 -c port="$port" -c unix_socket_directories=../run
      case $runtime in
        process) PATH=$bin:$PATH setsid setpriv --reuid="${owner%:*}" --regid="${owner#*:}" --clear-groups "$@" \\
            </dev/null >"$work.log" 2>&1 & ;;
        docker) docker create --name "$name" --network host --user "$owner" --volume "$work:$root" \\
            --volume "$work/data:$root/data" "$image" "$@" >/dev/null
          docker start "$name" >/dev/null ;;
      esac
      """;
  private static final String REMOVE =
      """
      work=$1 runtime=$2 name=$3
      case $runtime in
        process) kill -INT "$(head -n 1 "$work/data/postmaster.pid")"
          while [ -e "$work/data/postmaster.pid" ]; do sleep 0.02; done ;;
        docker) docker rm --force "$name" >/dev/null ;;
      esac
      loop=$(findmnt --noheadings --output SOURCE "$work")
      for i in 1 2 3 4 5 6 7 8 9 10; do umount "$work" 2>/dev/null && break; sleep 0.1; done
      losetup --detach "$loop"
      rm -f "$work.raw" "$work.log"
      rmdir "$work"
      """;

  private final Path snapshot;
  private final Path config;
  private final Path work;
  private final String runtime;
  private final String name;

  /**
   * @param config the settings that a clone of Ramet has
   * @param snapshot raw file that Ramet's clones of the same image begin with
   * @param dir on the same file system, so that a reflink is possible
   */
  Floor(Path snapshot, Path config, Path dir, String runtime, String name) {
    this.snapshot = snapshot;
    this.config = config;
    this.work = dir.resolve(name);
    this.runtime = runtime;
    this.name = name;
  }

  /** From nothing to the first query answered. */
  Duration measure(String user, String database) throws IOException {
    Files.createDirectories(work.getParent());
    int port = Part.freePort();
    long begin = System.nanoTime();
    run(
        SCRIPT,
        List.of(
            snapshot.toString(),
            work.toString(),
            runtime,
            Integer.toString(port),
            name,
            SourceServer.programs().toString(),
            "postgres:" + SourceServer.major(),
            config.toString()));
    FirstQuery.await("postgres://" + user + ":none@127.0.0.1:" + port + "/" + database);
    return Duration.ofNanos(System.nanoTime() - begin);
  }

  void remove() {
    run(REMOVE, List.of(work.toString(), runtime, name));
  }

  private static void run(String script, List<String> arguments) {
    List<String> command = new java.util.ArrayList<>(List.of("bash", "-c", script, "floor"));
    command.addAll(arguments);
    Command.run(Map.of(), Duration.ofMinutes(1), command).orFail();
  }
}
