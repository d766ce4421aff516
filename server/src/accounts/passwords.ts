// Passwords: Argon2id with a bounded number of hashes at a time, so that logins cannot take the machine's memory.
import { Failure } from "../failure.ts";

export interface Passwords {
  /** @throws Failure `overloaded` when too many wait */
  hash(password: string): Promise<string>;
  /**
   * Takes the same time with `undefined` in the place of a hash, and is then false.
   * @throws Failure `overloaded` when too many wait
   */
  verify(password: string, hash: string | undefined): Promise<boolean>;
  /** How many wait for their turn. */
  readonly waiting: number;
}

/** OWASP's second choice: 19 MiB, two passes. */
const parameters = { algorithm: "argon2id", memoryCost: 19_456, timeCost: 2 } as const;
const maxConcurrent = 2;
const maxWaiting = 32;

export function createPasswords(): Passwords {
  let active = 0;
  const waiting: (() => void)[] = [];

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (active >= maxConcurrent) {
      if (waiting.length >= maxWaiting) throw new Failure("overloaded", { retryAfterSeconds: 2 });
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      active++;
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else active--;
    }
  }

  const hash = (password: string) => inTurn(() => Bun.password.hash(password, parameters));
  /** Stands in for the hash of nobody; its password is not known to anyone. */
  const nobody = hash(crypto.randomUUID());

  return {
    hash,
    async verify(password, known) {
      const against = known ?? (await nobody);
      const isRight = await inTurn(() => Bun.password.verify(password, against));
      return isRight && known !== undefined;
    },
    get waiting() {
      return waiting.length;
    },
  };
}
