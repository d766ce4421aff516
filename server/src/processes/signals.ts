// What others tell this process to do: to end, or to start its servers afresh. Heard from the process's first moment on.

export interface Signals {
  /** Resolves with the name of the first signal to end. */
  readonly end: Promise<string>;
  /** Calls at each SIGHUP, which otherwise ends the process too. */
  onRestart(restart: () => void): void;
}

/** From this call on no such signal ends the process by itself. */
export function hearSignals(): Signals {
  const { promise: end, resolve } = Promise.withResolvers<string>();
  let restart: (() => void) | undefined;
  for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => resolve(signal));
  // A terminal that is closed sends it as well.
  process.on("SIGHUP", () => (restart && !process.stdin.isTTY ? restart() : resolve("SIGHUP")));
  return {
    end,
    onRestart(listener) {
      restart = listener;
    },
  };
}
