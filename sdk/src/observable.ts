// A value that changes, and those who want to know when.

/** Fits the stores of Svelte as it is, and `useSyncExternalStore` of React as `(subscribe, get)`. */
export interface Observable<T> {
  get(): T;
  /** Calls at once with the value, then with each that follows; answers with a function that ends this. */
  subscribe(listener: (value: T) => void): () => void;
}

export interface Source<T> extends Observable<T> {
  set(value: T): void;
}

export function createObservable<T>(initial: T): Source<T> {
  let current = initial;
  const listeners = new Set<{ tell: (value: T) => void }>();

  return {
    get: () => current,
    set(value) {
      if (Object.is(value, current)) return;
      current = value;
      for (const listener of [...listeners]) if (listeners.has(listener)) tell(listener.tell, current);
    },
    subscribe(tellThem) {
      const listener = { tell: tellThem };
      listeners.add(listener);
      tell(tellThem, current);
      return () => void listeners.delete(listener);
    },
  };
}

/** What a listener throws is the affair of whoever wrote it; it must not stop what is going on here. */
export function tell<T>(listener: (value: T) => void, value: T): void {
  try {
    listener(value);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
