// How much of each thing somebody may do: the limits by name, and the operator's overrides of them.

/** `count` at once, refilled evenly over `seconds`. */
export interface Limit {
  count: number;
  seconds: number;
}

/**
 * Start values. A bucket of `count` refills evenly over `seconds`; the bucket is what may come at once.
 * `login_*` and `password` count failures only.
 */
export const defaultLimits = {
  login_account: { count: 10, seconds: 900 },
  login_address: { count: 50, seconds: 900 },
  // From all addresses together, but for those where the account is signed in.
  login_everywhere: { count: 100, seconds: 3600 },
  register: { count: 20, seconds: 3600 },
  // Tries that failed, of somebody who is signed in.
  password: { count: 10, seconds: 900 },
  refresh: { count: 30, seconds: 60 },
  ticket: { count: 60, seconds: 60 },
  // All who share a chat are told.
  profile: { count: 10, seconds: 86_400 },
  request: { count: 300, seconds: 60 },
  create: { count: 60, seconds: 600 },
  send: { count: 60, seconds: 60 },
  send_chat: { count: 20, seconds: 10 },
  read: { count: 120, seconds: 30 },
  search: { count: 30, seconds: 60 },
  draft: { count: 60, seconds: 60 },
  typing: { count: 10, seconds: 30 },
  // In one go after a reconnect: a client may join each of its 1,000 chats.
  join: { count: 1000, seconds: 60 },
  // Positions: whoever follows 2,000 chats may come back five times.
  sync: { count: 12_000, seconds: 60 },
  // Many people may share an address; what one process admits at all is bounded by itself.
  connect: { count: 600, seconds: 60 },
  frames: { count: 200, seconds: 4 },
  bytes: { count: 1_048_576, seconds: 4 },
} as const satisfies Record<string, Limit>;

/** What a request for the changes of so many chats takes from `sync`: one chat's may be as long as many others'. */
export const catchUpCost = (positions: number) => Math.max(20, positions);
/** What reading the positions of all one's chats takes from `sync`. */
export const subscribeCost = 100;

export type LimitName = keyof typeof defaultLimits;
/** `undefined`: nothing is limited. */
export type Limits = Readonly<Record<LimitName, Limit>> | undefined;

/**
 * Reads `on`, `off`, or overrides such as `register=100/3600,send=600/60` (count/seconds).
 * @throws Error that says what is wrong, for the operator.
 */
export function parseRateLimits(value: string): Limits {
  if (value === "off") return undefined;
  const limits: Record<LimitName, Limit> = { ...defaultLimits };
  if (value === "on") return limits;
  for (const part of value.split(",")) {
    const [, name = "", count = "", seconds = ""] =
      /^\s*(\w+)\s*=\s*(\d{1,9})\s*\/\s*(\d{1,9})\s*$/.exec(part) ?? [];
    if (!isLimitName(name) || Number(count) < 1 || Number(seconds) < 1) {
      throw new Error(
        `must be "on", "off" or a list such as register=100/3600 (count/seconds) of: ${Object.keys(defaultLimits).join(", ")}`,
      );
    }
    limits[name] = { count: Number(count), seconds: Number(seconds) };
  }
  return limits;
}

const isLimitName = (name: string): name is LimitName => Object.hasOwn(defaultLimits, name);
