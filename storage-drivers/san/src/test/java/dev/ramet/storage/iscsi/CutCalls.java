package dev.ramet.storage.iscsi;

import dev.ramet.storage.linux.JnaKernel;
import dev.ramet.storage.linux.Kernel;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A kernel, and programs, of a process that dies at the k-th call: from then on every call throws,
 * and what the process had open is closed, as the real kernel does.
 */
final class CutCalls {

  /** The simulated death. */
  static final class Killed extends Error {
    Killed(String before) {
      super("killed before " + before);
    }
  }

  private final Kernel real = new JnaKernel();
  private final Set<Integer> open = new TreeSet<>();
  private final List<String> calls = new ArrayList<>();
  private int left;
  private boolean dead;

  /**
   * @param calls calls that still succeed
   */
  CutCalls(int calls) {
    this.left = calls;
  }

  Kernel kernel() {
    return proxy(Kernel.class, real);
  }

  Programs programs() {
    return proxy(Programs.class, new HostPrograms());
  }

  /** The names of the calls that were made. */
  synchronized List<String> calls() {
    return List.copyOf(calls);
  }

  private <T> T proxy(Class<T> type, T target) {
    Object proxy =
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> call(target, method, arguments));
    return type.cast(proxy);
  }

  private synchronized Object call(Object target, Method method, Object[] arguments)
      throws Throwable {
    boolean closing = method.getName().equals("close");
    if (dead || (!closing && left-- <= 0)) {
      die();
      throw new Killed(method.getName());
    }
    calls.add(method.getName());
    try {
      Object answer = method.invoke(target, arguments);
      if (method.getName().equals("open")) {
        open.add((Integer) answer);
      } else if (closing) {
        open.remove((Integer) arguments[0]);
      }
      return answer;
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private void die() {
    dead = true;
    open.forEach(real::close);
    open.clear();
  }
}
