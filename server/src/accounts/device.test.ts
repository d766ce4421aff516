import { describe, expect, test } from "bun:test";
import { deviceOf, networkOf } from "./device.ts";

describe("a device in words", () => {
  const chrome = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36";
  test.each([
    ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"],
    [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${chrome}`, "Chrome on Windows"],
    [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${chrome} Edg/143.0.0.0`, "Edge on Windows"],
    [`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${chrome} OPR/120.0.0.0`, "Opera on macOS"],
    [
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
      "Safari on macOS",
    ],
    [
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/143.0 Mobile/15E148 Safari/604.1",
      "Chrome on iPhone",
    ],
    [
      "Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Safari/604.1",
      "Safari on iPad",
    ],
    [
      `Mozilla/5.0 (Linux; Android 15; K) ${chrome.replace(" Safari", " Mobile Safari")}`,
      "Chrome on Android",
    ],
    [
      "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537.36",
      "Samsung Internet on Android",
    ],
    [`Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${chrome}`, "Chrome on ChromeOS"],
    ["Mozilla/5.0 (X11; Linux x86_64) Something/1.0", "A browser on Linux"],
    ["curl/8.5.0", "curl"],
    ["Bun/1.4.5", "A program"],
    ["", "Unknown device"],
    [undefined, "Unknown device"],
  ])("%p is %p", (agent, device) => {
    expect(deviceOf(agent)).toBe(device);
  });

  test.each([
    "<img src=x onerror=alert(1)> Firefox/1 Linux",
    "Firefox/1 \u202eLinux",
    "a".repeat(100_000),
    `${"Mac OS X ".repeat(10_000)}Chrome/`,
    "\u0000\r\nSet-Cookie: a=b",
  ])("holds nothing of a header, whatever that is: %#", (agent) => {
    const device = deviceOf(agent);
    expect(device).toMatch(/^[A-Za-z ]{1,100}$/);
  });
});

test.each([
  ["192.0.2.77", "192.0.2.0/24"],
  ["2001:db8:1:2::/64", "2001:db8:1::/48"],
  ["fe80:0:0:0::/64", "fe80:0:0::/48"],
  ["", "unknown"],
  ["garbage\n1.2.3.4", "unknown"],
])("the network of %p is %p", (address, network) => {
  expect(networkOf(address)).toBe(network);
});
