package dev.ramet.storage.linux;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A kernel, and the mkfs programs, that die with the process at the k-th call: from then on every
 * call throws, and what the process had open is closed, as the real kernel does.
 */
public final class CutKernel {

  /** The simulated death. */
  public static final class Killed extends Error {
    Killed(String before) {
      super("killed before " + before);
    }
  }

  private final Kernel real = new JnaKernel();
  private final AtomicInteger left;
  private final Set<Integer> open = new TreeSet<>();
  private final List<String> calls = new ArrayList<>();
  private boolean dead;

  /**
   * @param calls calls that still succeed
   */
  public CutKernel(int calls) {
    this.left = new AtomicInteger(calls);
  }

  public Kernel kernel() {
    return proxy(Kernel.class, real);
  }

  public Mkfs mkfs() {
    return proxy(Mkfs.class, new MkfsCommands());
  }

  /** The names of the calls that were made. */
  public List<String> calls() {
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
    if (dead || (!closing && left.getAndDecrement() <= 0)) {
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
