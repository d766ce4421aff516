import { describe, expect, test } from "bun:test";
import { createAddressReader } from "./address.ts";

describe("without trusted proxies", () => {
  const read = createAddressReader([]);

  test.each(["203.0.113.9", "127.0.0.1, 203.0.113.9", "10.0.0.1", "garbage", ""])(
    "X-Forwarded-For: %s changes nothing",
    (forwarded) => {
      expect(read("192.0.2.1", forwarded)).toBe("192.0.2.1");
    },
  );

  test.each([
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:DB8:1:2:ffff::1", "2001:db8:1:2::/64"],
    ["2001:0db8:0001:0002::", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["2001:db8:0:0:1::", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ])("%s is counted as %s", (peer, key) => {
    expect(read(peer, null)).toBe(key);
  });
});

describe("behind trusted proxies", () => {
  const read = createAddressReader(["192.0.2.1", "10.0.0.0/8", "2001:db8:aaaa::/48"]);

  test.each([
    ["the proxy names the client", "192.0.2.1", "203.0.113.9", "203.0.113.9"],
    ["what the client wrote before it is not believed", "192.0.2.1", "127.0.0.1, 203.0.113.9", "203.0.113.9"],
    ["a chain of trusted proxies is followed", "192.0.2.1", "203.0.113.9, 10.1.2.3", "203.0.113.9"],
    ["up to the first that is not trusted", "192.0.2.1", "127.0.0.1, 203.0.113.9, 10.1.2.3", "203.0.113.9"],
    ["nobody else is believed", "203.0.113.7", "198.51.100.1", "203.0.113.7"],
    ["an IPv6 proxy counts too", "2001:db8:aaaa::1", "203.0.113.9", "203.0.113.9"],
    ["an IPv6 client is its network", "192.0.2.1", "2001:db8:1:2:3::4", "2001:db8:1:2::/64"],
    ["IPv4 in the clothes of IPv6 is IPv4", "::ffff:10.0.0.9", "::ffff:203.0.113.9", "203.0.113.9"],
    ["garbage ends the chain at the proxy", "192.0.2.1", "203.0.113.9, unknown", "192.0.2.1"],
    ["an empty header does too", "192.0.2.1", "", "192.0.2.1"],
  ])("%s", (_, peer, forwarded, client) => {
    expect(read(peer, forwarded)).toBe(client);
  });

  test("without the header the client is the proxy", () => {
    expect(read("192.0.2.1", null)).toBe("192.0.2.1");
  });
});
