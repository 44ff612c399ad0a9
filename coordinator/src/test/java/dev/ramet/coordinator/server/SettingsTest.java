package dev.ramet.coordinator.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.micronaut.context.ApplicationContext;
import io.micronaut.context.env.MapPropertySource;
import io.micronaut.context.env.PropertySource;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SettingsTest {
  /** Every key, none with its default. */
  private static final Map<String, Object> OVERRIDES = new LinkedHashMap<>();

  static {
    OVERRIDES.put("ramet.grpc.host", "127.0.0.2");
    OVERRIDES.put("ramet.grpc.port", "1234");
    OVERRIDES.put("ramet.etcd.endpoints", "http://a:1,http://b:2");
    OVERRIDES.put("ramet.etcd.attempt-timeout", "11s");
    OVERRIDES.put("ramet.etcd.call-timeout", "12s");
    OVERRIDES.put("ramet.etcd.verify-interval", "13s");
    OVERRIDES.put("ramet.etcd.relist-interval", "14s");
    OVERRIDES.put("ramet.etcd.leader-ttl", "15s");
    OVERRIDES.put("ramet.hosts.heartbeat", "16s");
    OVERRIDES.put("ramet.hosts.ttl", "17s");
    OVERRIDES.put("ramet.agents.look", "18s");
    OVERRIDES.put("ramet.agents.storage", "19s");
    OVERRIDES.put("ramet.agents.start", "21s");
    OVERRIDES.put("ramet.agents.stop", "22s");
    OVERRIDES.put("ramet.agents.probe", "23s");
    OVERRIDES.put("ramet.placement.min-free-mib", "24");
    OVERRIDES.put("ramet.placement.min-free-percent", "25");
    OVERRIDES.put("ramet.placement.weight-image", "26");
    OVERRIDES.put("ramet.placement.weight-free-space", "27");
    OVERRIDES.put("ramet.placement.weight-free-memory", "28");
    OVERRIDES.put("ramet.placement.weight-clones", "29");
    OVERRIDES.put("ramet.placement.weight-spread", "30");
    OVERRIDES.put("ramet.placement.volume-min-gib", "31");
    OVERRIDES.put("ramet.placement.volume-factor", "32");
    OVERRIDES.put("ramet.placement.volume-max-gib", "33");
    OVERRIDES.put("ramet.reconcile.resync", "34s");
    OVERRIDES.put("ramet.reconcile.host-patience", "35s");
    OVERRIDES.put("ramet.reconcile.create-patience", "36s");
    OVERRIDES.put("ramet.reconcile.provisioning-after", "37s");
    OVERRIDES.put("ramet.reconcile.recovery-attempts", "38");
    OVERRIDES.put("ramet.reconcile.recovery-pause", "39s");
    OVERRIDES.put("ramet.reconcile.clones-per-host", "40");
    OVERRIDES.put("ramet.reconcile.builds-per-host", "41");
    OVERRIDES.put("ramet.reconcile.sweep-interval", "42s");
    OVERRIDES.put("ramet.reconcile.orphan-grace", "43s");
    OVERRIDES.put("ramet.reconcile.replica-retry", "44s");
    OVERRIDES.put("ramet.reconcile.operation-retention", "45s");
    OVERRIDES.put("ramet.reconcile.warn-before", "46s");
    OVERRIDES.put("ramet.lifetime.default-ttl", "47s");
    OVERRIDES.put("ramet.lifetime.max-ttl", "48s");
    OVERRIDES.put("ramet.lifetime.default-idle-ttl", "49s");
    OVERRIDES.put("ramet.lifetime.max-protect", "50s");
    OVERRIDES.put("ramet.lifetime.in-use-within", "51s");
    OVERRIDES.put("ramet.lifetime.max-idle-ttl", "52s");
    OVERRIDES.put("ramet.growth.default-mib", "53");
    OVERRIDES.put("ramet.growth.max-mib", "54");
    OVERRIDES.put("ramet.growth.look-every", "55s");
  }

  private static Duration seconds(long seconds) {
    return Duration.ofSeconds(seconds);
  }

  private static final List<Record> DEFAULTS =
      List.of(
          new GrpcSettings("127.0.0.1", 9440),
          new EtcdSettings(
              List.of("http://127.0.0.1:2379"),
              Duration.ofMillis(1500),
              seconds(3),
              seconds(2),
              Duration.ofMinutes(5),
              seconds(5)),
          new HostSettings(seconds(2), seconds(10)),
          new AgentSettings(seconds(5), seconds(30), seconds(120), seconds(60), seconds(20)),
          new PlacementSettings(256, 2, 1, 2, 2, 4, 1, 16, 4, 16384),
          new ReconcilerSettings(
              seconds(15),
              seconds(20),
              seconds(45),
              Duration.ofMillis(250),
              5,
              seconds(1),
              8,
              2,
              seconds(60),
              Duration.ofMinutes(10),
              seconds(60),
              Duration.ofDays(7),
              Duration.ofMinutes(15)),
          new LifetimeSettings(
              Duration.ZERO,
              Duration.ZERO,
              Duration.ZERO,
              Duration.ZERO,
              Duration.ofDays(30),
              seconds(300)),
          new GrowthSettings(0, 0, seconds(2)));

  private static final List<Record> OVERRIDDEN =
      List.of(
          new GrpcSettings("127.0.0.2", 1234),
          new EtcdSettings(
              List.of("http://a:1", "http://b:2"),
              seconds(11),
              seconds(12),
              seconds(13),
              seconds(14),
              seconds(15)),
          new HostSettings(seconds(16), seconds(17)),
          new AgentSettings(seconds(18), seconds(19), seconds(21), seconds(22), seconds(23)),
          new PlacementSettings(24, 25, 26, 27, 28, 29, 30, 31, 32, 33),
          new ReconcilerSettings(
              seconds(34),
              seconds(35),
              seconds(36),
              seconds(37),
              38,
              seconds(39),
              40,
              41,
              seconds(42),
              seconds(43),
              seconds(44),
              seconds(45),
              seconds(46)),
          new LifetimeSettings(
              seconds(47), seconds(48), seconds(49), seconds(52), seconds(50), seconds(51)),
          new GrowthSettings(53, 54, seconds(55)));

  private static void assertSettings(Map<String, Object> given, List<Record> expected) {
    try (ApplicationContext context = ApplicationContext.run(given)) {
      for (Record settings : expected) {
        assertThat((Object) context.getBean(settings.getClass())).isEqualTo(settings);
      }
    }
  }

  @Test
  void everyKeyHasItsDefault() {
    assertSettings(Map.of(), DEFAULTS);
  }

  @Test
  void everyKeyCanBeSet() {
    assertSettings(OVERRIDES, OVERRIDDEN);
  }

  @Test
  void noKeyIsLeftOutHere() throws ReflectiveOperationException {
    Set<String> known = new TreeSet<>();
    KnownSettings.sections()
        .forEach((section, names) -> names.forEach(name -> known.add(section + "." + name)));
    assertThat(OVERRIDES.keySet()).containsExactlyInAnyOrderElementsOf(known);
    for (int i = 0; i < DEFAULTS.size(); i++) {
      for (RecordComponent component : DEFAULTS.get(i).getClass().getRecordComponents()) {
        component.getAccessor().setAccessible(true);
        assertThat(component.getAccessor().invoke(OVERRIDDEN.get(i)))
            .as("%s", component)
            .isNotEqualTo(component.getAccessor().invoke(DEFAULTS.get(i)));
      }
    }
  }

  @Test
  void aKeyThatDoesNotExistIsRefusedInOneLine() {
    assertRefused(
        MapPropertySource.of("some", Map.of("ramet.reconcile.resinc", "1s")),
        "unknown setting ramet.reconcile.resinc: ramet.reconcile has builds-per-host");
    assertRefused(
        MapPropertySource.of("some", Map.of("ramet.reconciler.resync", "1s")),
        "unknown setting ramet.reconciler.resync: sections are ramet.agents");
    assertRefused(
        variables(Map.of("RAMET_ETCD_ENDPOINT", "http://a:1")),
        "unknown setting RAMET_ETCD_ENDPOINT: there is RAMET_ETCD_ATTEMPT_TIMEOUT");
  }

  @Test
  void variablesOfOtherPartsAreNoneOfOurBusiness() {
    PropertySource others =
        variables(
            Map.of(
                "RAMET_SERVER", "a:1",
                "RAMET_JAVA", "/opt/java",
                "RAMET_HTTP_PORT", "1",
                "RAMET_HOSTS_TTL", "20s"));
    assertThatCode(() -> start(others).close()).doesNotThrowAnyException();
  }

  private static void assertRefused(PropertySource source, String words) {
    Throwable refusal = catchThrowable(() -> start(source).close());
    assertThat(refusal).isNotNull();
    Throwable told = refusal;
    while (!(told instanceof StartupException) && told.getCause() != null) {
      told = told.getCause();
    }
    assertThat(told).isInstanceOf(StartupException.class).hasMessageStartingWith(words);
    assertThat(told.getMessage().lines()).hasSize(1);
  }

  private static ApplicationContext start(PropertySource source) {
    return ApplicationContext.builder().propertySources(source).start();
  }

  private static PropertySource variables(Map<String, Object> variables) {
    return new PropertySource() {
      @Override
      public String getName() {
        return "variables";
      }

      @Override
      public Object get(String key) {
        return variables.get(key);
      }

      @Override
      public Iterator<String> iterator() {
        return variables.keySet().iterator();
      }

      @Override
      public PropertyConvention getConvention() {
        return PropertyConvention.ENVIRONMENT_VARIABLE;
      }
    };
  }
}
