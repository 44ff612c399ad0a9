package dev.ramet.agent.server;

import dev.ramet.agent.error.AgentError;
import dev.ramet.agent.error.AgentException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which ids calls work on right now. A call claims all that it needs at once or is refused; nobody
 * waits, so nobody can be deadlocked. Safe for concurrent use.
 */
final class InFlight {
  private static final int EXCLUSIVE = -1;

  /** Claimed id to the number of sharers, or EXCLUSIVE. */
  private final Map<String, Integer> claims = new HashMap<>();

  /** What a call works on: {@code exclusive} where it changes it, else it only must not change. */
  record Claim(String what, boolean exclusive) {
    static Claim volume(String pool, String id) {
      return new Claim("volume " + pool + "/" + id, true);
    }

    static Claim snapshot(String pool, String id) {
      return new Claim("snapshot " + pool + "/" + id, true);
    }

    static Claim instance(String id) {
      return new Claim("instance " + id, true);
    }

    Claim shared() {
      return new Claim(what, false);
    }
  }

  /** Claims that are held until they are closed. */
  final class Held implements AutoCloseable {
    private final List<Claim> held = new ArrayList<>();

    /** Gives them back. A second call does nothing. */
    @Override
    public void close() {
      synchronized (claims) {
        held.forEach(this::release);
        held.clear();
      }
    }

    private void release(Claim claim) {
      claims.computeIfPresent(
          claim.what(),
          (what, count) -> count == EXCLUSIVE || count == 1 ? null : Integer.valueOf(count - 1));
    }
  }

  /**
   * Claims all or none.
   *
   * @throws AgentException {@code IN_FLIGHT} naming the first that is taken
   */
  Held claim(Claim... wanted) {
    Held result = new Held();
    synchronized (claims) {
      for (Claim claim : wanted) {
        int count = claims.getOrDefault(claim.what(), 0);
        if (count == EXCLUSIVE || (count > 0 && claim.exclusive())) {
          result.close();
          throw new AgentException(
              AgentError.IN_FLIGHT,
              "another call works on %s; repeat this one when it is done".formatted(claim.what()));
        }
        claims.put(claim.what(), claim.exclusive() ? EXCLUSIVE : count + 1);
        result.held.add(claim);
      }
    }
    return result;
  }
}
