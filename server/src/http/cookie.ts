// The cookie that keeps a browser signed in: what it is called and how it is set depends on the way that it travels.

/** The browser that asks. */
export interface Browser {
  /** Whether it can be given a cookie: a way on which others listen is none for it. */
  readonly canKeep: boolean;
  /** What it was given. */
  readonly cookie: string | undefined;
  /** Does nothing for a browser that cannot keep it. */
  keep(value: string, seconds: number): void;
  forget(): void;
}

interface BrowserNeeds {
  request: Request;
  publicUrl: string | undefined;
  /** A proxy that the operator trusts has taken the request over HTTPS. */
  isForwardedHttps: boolean;
  setCookie(header: string): void;
}

/** Only HTTPS can set it, for this host and no other (RFC 6265bis). */
const secure = { name: "__Host-windi", flags: "; Secure" };
/** Within the machine nobody listens, and `Secure` is not taken. */
const plain = { name: "windi-dev", flags: "" };

export function createBrowser({ request, publicUrl, isForwardedHttps, setCookie }: BrowserNeeds): Browser {
  const kind = kindOf(request.headers, publicUrl, isForwardedHttps);
  const set = (value: string, seconds: number) => {
    if (kind)
      setCookie(`${kind.name}=${value}; Max-Age=${seconds}; Path=/; HttpOnly; SameSite=Strict${kind.flags}`);
  };
  return {
    canKeep: kind !== undefined,
    get cookie() {
      return kind && readCookie(request.headers.get("cookie") ?? "", kind.name);
    },
    keep: set,
    forget: () => set("", 0),
  };
}

function kindOf(headers: Headers, publicUrl: string | undefined, isForwardedHttps: boolean) {
  // A page says itself how it came; what it says is compared with our own address before a cookie is used.
  const origin = headers.get("origin") ?? "";
  const isHttps = publicUrl?.startsWith("https:") ?? origin.startsWith("https:");
  if (isHttps || isForwardedHttps) return secure;
  const address = origin === "" ? `http://${headers.get("host") ?? ""}` : origin;
  return isLoopback(address) ? plain : undefined;
}

function isLoopback(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { hostname } = new URL(address);
  return /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

/** The first of this name. */
function readCookie(header: string, name: string): string | undefined {
  for (const part of header.split(";")) {
    const [key = "", ...value] = part.split("=");
    if (key.trim() === name) return value.join("=").trim();
  }
  return undefined;
}
