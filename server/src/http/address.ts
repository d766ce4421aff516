// Whose request it is: the client's address, through those proxies only that the operator trusts.
import { BlockList, isIP } from "node:net";

export interface AddressReader {
  /**
   * @param peer address of the other end of the connection
   * @param forwarded the header X-Forwarded-For
   * @returns the client's IPv4 address, or the /64 network of its IPv6 address, as a key for rate limits
   */
  (peer: string, forwarded: string | null): string;
}

/** @param trustedProxies addresses and networks (`10.0.0.0/8`) whose X-Forwarded-For is believed */
export function createAddressReader(trustedProxies: readonly string[]): AddressReader {
  const isTrusted = createTrust(trustedProxies);

  return (peer, forwarded) => {
    let client = unwrap(peer);
    const hops = forwarded?.split(",").map((hop) => unwrap(hop.trim())) ?? [];
    // From the right: each hop was written by the one after it, and counts only while that one is trusted.
    while (isTrusted(client)) {
      const hop = hops.pop();
      if (hop === undefined || isIP(hop) === 0) break;
      client = hop;
    }
    return isIP(client) === 6 ? `${networkOf(client)}::/64` : client;
  };
}

/** Says whether a proxy that is trusted has taken a request over HTTPS: every one of them, where there are several. */
export function createHttpsReader(trustedProxies: readonly string[]) {
  const isTrusted = createTrust(trustedProxies);
  /** @param forwarded the header X-Forwarded-Proto */
  return (peer: string, forwarded: string | null): boolean =>
    isTrusted(unwrap(peer)) &&
    forwarded !== null &&
    forwarded.split(",").every((scheme) => scheme.trim().toLowerCase() === "https");
}

function createTrust(trustedProxies: readonly string[]): (address: string) => boolean {
  const trusted = new BlockList();
  for (const proxy of trustedProxies) {
    const [address = "", prefix] = proxy.split("/");
    const family = familyOf(address);
    if (prefix === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(prefix), family);
  }
  return (address) => isIP(address) > 0 && trusted.check(address, familyOf(address));
}

const familyOf = (address: string) => (isIP(address) === 6 ? "ipv6" : "ipv4");

/** IPv4 in the clothes of IPv6 is IPv4. */
const unwrap = (address: string) => address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "");

/** The first four groups of an IPv6 address. */
function networkOf(address: string): string {
  const [head = "", tail] = (address.split("%")[0] ?? "").toLowerCase().split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array.from({ length: Math.max(0, zeros) }, () => "0"), ...right];
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":");
}
