// How a device is shown in the list of one's devices: browser and system in words, and its network without the last part.

/** The first that fits; those that also name another come before it. */
const browsers: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(e|A|iOS)?\//, "Edge"],
  [/\b(OPR|Opera|OPT)\//, "Opera"],
  [/\bVivaldi\//, "Vivaldi"],
  [/\bYaBrowser\//, "Yandex Browser"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\b(Firefox|FxiOS)\//, "Firefox"],
  [/\b(HeadlessChrome|Chromium|Chrome|CriOS)\//, "Chrome"],
  [/\bSafari\//, "Safari"],
  [/^curl\//, "curl"],
  [/^(Bun|node)\b/i, "A program"],
];

const systems: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b/, "iPhone"],
  [/\biPad\b/, "iPad"],
  [/\bAndroid\b/, "Android"],
  [/\bWindows\b/, "Windows"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bMacintosh\b|\bMac OS X\b/, "macOS"],
  [/\b(Linux|X11)\b/, "Linux"],
];

/** Nothing of the header itself is in the answer, so it can be shown whatever the header holds. */
export function deviceOf(userAgent: string | undefined): string {
  const agent = (userAgent ?? "").slice(0, 512);
  const find = (table: typeof browsers) => table.find(([pattern]) => pattern.test(agent))?.[1];
  const [browser, system] = [find(browsers), find(systems)];
  return system === undefined ? (browser ?? "Unknown device") : `${browser ?? "A browser"} on ${system}`;
}

export const unknownNetwork = "unknown";

/** @param address as limits count: an IPv4 address, or the /64 network of an IPv6 one */
export function networkOf(address: string): string {
  const [, ipv4] = /^(\d+\.\d+\.\d+)\.\d+$/.exec(address) ?? [];
  if (ipv4 !== undefined) return `${ipv4}.0/24`;
  const [, ipv6] = /^([\da-f]+:[\da-f]+:[\da-f]+):[\da-f]+::\/64$/.exec(address) ?? [];
  return ipv6 === undefined ? unknownNetwork : `${ipv6}::/48`;
}
