// NATS_URL taken apart: where the servers are, and as whom to sign in.

export interface NatsAddress {
  /** The servers of one NATS; any of them will do. */
  readonly servers: readonly { host: string; port: number }[];
  readonly credentials: { user: string; pass: string } | { token: string } | undefined;
  /** Whether to refuse a server that has no TLS. A server that asks for TLS gets it in any case. */
  readonly needsTls: boolean;
}

const defaultPort = 4222;

/** Reads `nats://user:password@host:4222`, or several of them with commas between. Throws for anything else. */
export function parseNatsUrl(text: string): NatsAddress {
  const urls = text.split(",").map((part) => new URL(part.trim()));
  const isGood = (url: URL) =>
    (url.protocol === "nats:" || url.protocol === "tls:") &&
    /^(?:[\w.-]+|\[[\da-f:.]+\])$/i.test(url.hostname) &&
    url.pathname.replace("/", "") + url.search + url.hash === "";
  if (!urls.every(isGood)) throw new TypeError("This is no address of a NATS server");
  const [signingIn] = urls.filter((url) => url.username !== "");
  return {
    servers: urls.map((url) => ({
      host: url.hostname.replace(/^\[|\]$/g, ""),
      port: url.port === "" ? defaultPort : Number(url.port),
    })),
    credentials: signingIn && credentialsOf(signingIn),
    needsTls: urls.some((url) => url.protocol === "tls:"),
  };
}

/** A name without a password is a token, as everywhere with NATS. */
function credentialsOf(url: URL): NatsAddress["credentials"] {
  const [user, pass] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  return pass === "" ? { token: user } : { user, pass };
}
