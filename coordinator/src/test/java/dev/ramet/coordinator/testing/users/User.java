package dev.ramet.coordinator.testing.users;

import dev.ramet.client.Clone;
import dev.ramet.client.CloneSpec;
import dev.ramet.client.Clones;
import dev.ramet.client.ErrorKind;
import dev.ramet.client.Lifetime;
import dev.ramet.client.Pending;
import dev.ramet.client.RametException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;

/**
 * One user: does something random with one of its clones, and compares what came of it with its
 * model. A seed leads to the same choices as long as the answers are the same.
 */
public final class User {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final Duration LONG = Duration.ofHours(2);
  private static final List<String> CLONES = List.of("a", "b", "c");
  private static final List<String> SAVES = List.of("s0", "s1", "s2");

  private final String name;
  private final Site site;
  private final Asking asking;
  private final RandomGenerator random;
  private final World world;
  private final OwnImage image;
  private final DataUse data;
  private int done;
  private int claims;

  public User(String name, long seed, Site site, Asking asking) {
    this.name = name;
    this.site = site;
    this.asking = asking;
    this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    this.world = new World(name);
    this.image = new OwnImage(world, site);
    this.data = new DataUse(name, site, asking, random);
  }

  /** How often it asked for something so far. */
  public int done() {
    return done;
  }

  /** How many of its clones were warm ones. */
  public int claims() {
    return claims;
  }

  /** Does so many things, one after the other. */
  public void act(int times) {
    for (int i = 0; i < times; i++) {
      try {
        one(random.nextInt(100));
      } catch (AssertionError e) {
        throw e;
      } catch (Exception e) {
        throw new AssertionError(name + " could not go on: " + e, e);
      }
    }
  }

  private void one(int dice) throws Exception {
    Optional<ModelClone> some = world.any(random);
    Optional<String> free = free();
    if (some.isEmpty() || (dice < 22 && free.isPresent())) {
      create(free.orElseThrow());
      return;
    }
    ModelClone clone = some.get();
    switch (dice / 4) {
      case 0, 1 -> createAgain(clone);
      case 2 -> replace(clone);
      case 3, 4, 5 -> delete(clone);
      case 6, 7 -> stop(clone);
      case 8, 9 -> start(clone);
      case 10 -> restart(clone);
      case 11, 12, 13 -> reset(clone);
      case 14 -> rename(clone);
      case 15, 16, 17 -> save(clone);
      case 18 -> deleteSave(clone);
      case 19 -> extend(clone);
      case 20 -> protect(clone);
      case 21 -> promote();
      case 22 -> deleteRevision();
      default -> use(clone);
    }
  }

  /** Deletes all that it has. */
  public void leave() {
    try {
      while (!world.clones.isEmpty()) {
        for (ModelClone clone : List.copyOf(world.clones.values())) {
          if (!world.hasBranches(clone)) {
            delete(clone, true);
          }
        }
      }
      ask("delete " + world.image, "", () -> image.delete());
      world.revisions.clear();
    } catch (Exception e) {
      throw new AssertionError(name + " could not leave: " + e, e);
    }
  }

  private Clones clones() {
    return site.client().clones();
  }

  private Optional<String> free() {
    return World.one(
        random, names().stream().filter(clone -> !world.clones.containsKey(clone)).toList());
  }

  private List<String> names() {
    return CLONES.stream().map(letter -> name + "-" + letter).toList();
  }

  /** Asks, and compares with what should come of it. True: it was done. */
  private boolean ask(String what, String refusal, Callable<?> request) throws Exception {
    done++;
    site.timeline().tell(name, what + (refusal.isEmpty() ? "" : ", to be refused: " + refusal));
    RametException refused = asking.refusal(refusal, request);
    String code = refused == null ? "" : refused.code();
    site.timeline().tell(name, what + ": " + (code.isEmpty() ? "done" : code));
    if (!code.equals(refusal)) {
      throw new AssertionError(
          "%s: '%s' ended with '%s' instead of '%s': %s, log %s; the model: %s"
              .formatted(
                  name,
                  what,
                  code,
                  refusal,
                  refused,
                  refused == null ? List.of() : refused.logTail(),
                  world.clones.values()),
          refused);
    }
    return code.isEmpty();
  }

  private void create(String clone) throws Exception {
    Optional<Point> save = world.anySave(random);
    Optional<Point> own = world.latest(world.image);
    Point point = World.BASE;
    CloneSpec spec = CloneSpec.of(random.nextBoolean() ? "app" : "app:1");
    if (save.isPresent() && random.nextInt(3) == 0) {
      point = save.get();
      spec = CloneSpec.from(point.reference());
    } else if (own.isPresent() && random.nextBoolean()) {
      point = own.get();
      spec = CloneSpec.of(random.nextBoolean() ? world.image : point.reference());
    }
    make(clone, spec.withRuntime(site.runtime(random)), point);
  }

  private void make(String clone, CloneSpec spec, Point point) throws Exception {
    boolean limited = random.nextInt(4) == 0;
    boolean guarded = random.nextInt(6) == 0;
    Lifetime lifetime =
        new Lifetime(limited ? LONG : Duration.ZERO, Duration.ZERO, guarded ? LONG : Duration.ZERO);
    Clone[] made = new Clone[1];
    ask(
        "create %s of %s".formatted(clone, point.reference()),
        "",
        () -> made[0] = ready(clone, spec, lifetime));
    claims += made[0].warm() ? 1 : 0;
    ModelClone model = new ModelClone(made[0], spec, point);
    model.expires = limited;
    model.isProtected = guarded;
    world.clones.put(clone, model);
    compare(model, made[0]);
  }

  /** One whose creation failed is deleted before it is asked for again. */
  private Clone ready(String clone, CloneSpec spec, Lifetime lifetime) {
    try {
      return clones().create(clone, spec, lifetime).await(PATIENCE);
    } catch (RametException e) {
      if (asking.isPatient() && e.kind() == ErrorKind.WORK_FAILED) {
        gone(clone, true);
      }
      throw e;
    }
  }

  private Object gone(String clone, boolean force) {
    return clones().delete(clone, force).map(pending -> pending.await(PATIENCE));
  }

  /** By the same request, by another one, and as {@code --if-absent} does it. */
  private void createAgain(ModelClone clone) throws Exception {
    Clone[] there = new Clone[1];
    switch (random.nextInt(3)) {
      case 0 -> {
        ask(
            "create again " + clone.name,
            "",
            () -> there[0] = clones().create(clone.name, clone.spec).now());
        if (!there[0].uid().equals(clone.uid)) {
          throw new AssertionError(name + ": another clone was made: " + there[0]);
        }
      }
      case 1 ->
          ask(
              "create otherwise " + clone.name,
              "CLONE_EXISTS",
              () -> clones().create(clone.name, clone.spec.withPort(29_999)));
      default -> {
        ask("create if absent " + clone.name, "", () -> there[0] = clones().get(clone.name));
        compare(clone, there[0]);
      }
    }
  }

  /** As {@code --replace} does it. */
  private void replace(ModelClone clone) throws Exception {
    if (delete(clone, false)) {
      create(clone.name);
    }
  }

  private void delete(ModelClone clone) throws Exception {
    delete(clone, forced(clone));
  }

  private boolean delete(ModelClone clone, boolean force) throws Exception {
    String refusal = world.hasBranches(clone) ? "CLONE_HAS_BRANCHES" : guarded(clone, force);
    // whether somebody uses it is asked without force, and a connection takes a while to go
    boolean forced = force || refusal.isEmpty();
    boolean gone = ask("delete " + clone.name, refusal, () -> gone(clone.name, forced));
    if (gone) {
      world.clones.remove(clone.name);
    }
    return gone;
  }

  private boolean forced(ModelClone clone) {
    return !clone.isProtected || random.nextBoolean();
  }

  private static String guarded(ModelClone clone, boolean force) {
    return clone.isProtected && !force ? "CLONE_PROTECTED" : "";
  }

  private void stop(ModelClone clone) throws Exception {
    boolean force = forced(clone);
    wish("stop", clone, guarded(clone, force), false, () -> clones().stop(clone.name, force));
  }

  private void start(ModelClone clone) throws Exception {
    wish("start", clone, "", true, () -> clones().start(clone.name));
  }

  private void restart(ModelClone clone) throws Exception {
    boolean force = forced(clone);
    wish("restart", clone, guarded(clone, force), true, () -> clones().restart(clone.name, force));
  }

  private void wish(
      String verb,
      ModelClone clone,
      String refusal,
      boolean running,
      Callable<Pending<Clone>> request)
      throws Exception {
    Clone[] now = new Clone[1];
    if (ask(verb + " " + clone.name, refusal, () -> now[0] = request.call().await(PATIENCE))) {
      clone.running = running;
      compare(clone, now[0]);
    }
  }

  private void reset(ModelClone clone) throws Exception {
    boolean force = forced(clone);
    String keepAs = random.nextInt(3) == 0 ? World.one(random, names()).orElseThrow() : "";
    Target target = Target.any(random, world, clone);
    if (target.to().equals("latest") && target.point().isEmpty()) {
      return; // all revisions of the user's own image are gone
    }
    String refusal = guarded(clone, force);
    if (refusal.isEmpty() && !clone.running) {
      refusal = "CLONE_NOT_READY";
    } else if (refusal.isEmpty() && world.clones.containsKey(keepAs)) {
      refusal = "CLONE_EXISTS";
    } else if (refusal.isEmpty() && target.point().isEmpty()) {
      refusal = "SAVE_NOT_FOUND";
    }
    Clone[] now = new Clone[1];
    boolean reset =
        ask(
            "reset %s to '%s' %s"
                .formatted(clone.name, target.to(), keepAs.isEmpty() ? "" : "keeping " + keepAs),
            refusal,
            () -> now[0] = reset(clone, target.to(), keepAs, force));
    if (!reset) {
      return;
    }
    if (!keepAs.isEmpty()) {
      keepClone(keepAs, clone);
    }
    clone.begin(target.point().orElseThrow());
    compare(clone, now[0]);
  }

  private void keepClone(String keepAs, ModelClone before) throws Exception {
    Clone now = atRest(keepAs, Clone.State.STOPPED);
    ModelClone kept = ModelClone.kept(now, before);
    world.clones.put(keepAs, kept);
    compare(kept, now);
    if (kept.uid.equals(before.uid) || kept.url.equals(before.url)) {
      throw new AssertionError("%s: %s is no clone of its own".formatted(name, kept));
    }
  }

  /** The name that is taken after a first answer was lost is that of what was kept. */
  private Clone reset(ModelClone clone, String to, String keepAs, boolean force) throws Exception {
    try {
      return clones().reset(clone.name, to, Duration.ZERO, keepAs, force).await(PATIENCE);
    } catch (RametException e) {
      if (asking.isPatient()
          && e.code().equals("CLONE_EXISTS")
          && !world.clones.containsKey(keepAs)) {
        return atRest(clone.name, Clone.State.READY);
      }
      throw e;
    }
  }

  /** Nobody waits for a clone that a reset keeps: its server is still to end. */
  private Clone atRest(String clone, Clone.State state) throws Exception {
    Clone[] now = new Clone[1];
    asking.until(
        PATIENCE,
        () -> {
          now[0] = clones().get(clone);
          return now[0].state() == state && !now[0].life().reconciling();
        });
    return now[0];
  }

  private void rename(ModelClone clone) throws Exception {
    String other = World.one(random, names()).orElseThrow();
    String refusal =
        other.equals(clone.name)
            ? "INVALID_ARGUMENT"
            : world.clones.containsKey(other) ? "CLONE_EXISTS" : "";
    Clone[] now = new Clone[1];
    boolean renamed =
        ask(
            "rename %s to %s".formatted(clone.name, other),
            refusal,
            () -> now[0] = clones().rename(clone.name, other));
    if (renamed) {
      world.rename(clone, other);
      if (!asking.isPatient()) {
        compare(clone, now[0]); // else what is being healed is renamed too
      }
    }
  }

  private void save(ModelClone clone) throws Exception {
    String save = World.one(random, SAVES).orElseThrow();
    boolean there = clone.saves.containsKey(save);
    String reference = clone.reference(save);
    boolean kept =
        ask("save " + reference, there ? "SAVE_EXISTS" : "", () -> keep(clone, save, there));
    if (kept) {
      clone.keep(save);
    }
  }

  /** One that is there after a first answer was lost is what was asked for. */
  private Object keep(ModelClone clone, String save, boolean there) {
    try {
      return clones().save(clone.name, save, "by " + name);
    } catch (RametException e) {
      if (asking.isPatient() && !there && e.code().equals("SAVE_EXISTS")) {
        return e;
      }
      throw e;
    }
  }

  private void deleteSave(ModelClone clone) throws Exception {
    String save = World.one(random, SAVES).orElseThrow();
    boolean branched = clone.saves.containsKey(save) && world.hasBranches(clone, save);
    boolean gone =
        ask(
            "delete save " + clone.reference(save),
            branched ? "SAVE_HAS_BRANCHES" : "",
            () -> {
              var _ = clones().deleteSave(clone.name, save);
              return save;
            });
    if (gone) {
      clone.saves.remove(save);
    }
  }

  private void extend(ModelClone clone) throws Exception {
    switch (random.nextInt(3)) {
      case 0 -> {
        ask("limit " + clone.name, "", () -> clones().expireAfter(clone.name, LONG));
        clone.expires = true;
      }
      case 1 -> {
        ask("keep forever " + clone.name, "", () -> clones().keepForever(clone.name));
        clone.expires = false;
      }
      default ->
          ask(
              "extend " + clone.name,
              clone.expires ? "" : "INVALID_ARGUMENT",
              () -> clones().extend(clone.name, Duration.ofMinutes(30)));
    }
  }

  private void protect(ModelClone clone) throws Exception {
    boolean on = !clone.isProtected;
    ask(
        (on ? "protect " : "do not protect ") + clone.name,
        "",
        () -> clones().protect(clone.name, on ? LONG : Duration.ZERO));
    clone.isProtected = on;
  }

  private void promote() throws Exception {
    Optional<Point> save = world.anySave(random);
    if (save.isEmpty() || world.revisions.size() >= 3) {
      return;
    }
    ask("promote " + save.get().reference(), "", () -> image.promote(save.get()));
  }

  private void deleteRevision() throws Exception {
    Optional<Point> revision = World.one(random, List.copyOf(world.revisions.values()));
    if (revision.isEmpty()) {
      return;
    }
    Point point = revision.get();
    boolean gone =
        ask(
            "delete " + point.reference(),
            world.isUsed(point) ? "IMAGE_HAS_CLONES" : "",
            () ->
                site.client()
                    .images()
                    .deleteRevision(point.image(), point.revision())
                    .await(PATIENCE));
    if (gone) {
      world.revisions.remove(point.revision());
    }
  }

  private void use(ModelClone clone) throws Exception {
    done++;
    data.use(clone);
  }

  private void compare(ModelClone model, Clone now) {
    @Nullable String difference = Differences.of(model, world, now);
    if (difference != null) {
      throw new AssertionError("%s: %s: %s".formatted(name, model, difference));
    }
  }

  /** What of the records is not as it should be, once all has come to rest; and reads the data. */
  public List<String> differences() {
    List<String> found = Differences.of(name, world, site.client());
    if (!found.isEmpty()) {
      return found;
    }
    try {
      for (ModelClone clone : world.clones.values()) {
        if (clone.running) {
          data.read(clone);
        }
      }
      return List.of();
    } catch (Exception e) {
      return List.of(name + " cannot read: " + e);
    }
  }
}
