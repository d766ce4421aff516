import { expect, test } from "bun:test";
import { createUpdates } from "./worker.ts";

/** A browser's side of a service worker, as far as it is used. */
function createBrowser({ isControlled = true, isForbidden = false } = {}) {
  const events = new EventTarget();
  const installing = Object.assign(new EventTarget(), { state: "installing" });
  const said: unknown[] = [];
  const registration = Object.assign(new EventTarget(), {
    installing: null as typeof installing | null,
    waiting: null as { postMessage(message: unknown): void } | null,
  });
  const container = Object.assign(events, {
    controller: isControlled ? {} : null,
    register: async (url: string, options: object) => {
      said.push(url, options);
      if (isForbidden) throw new DOMException("Forbidden", "SecurityError");
      return registration;
    },
  });
  return {
    container: container as unknown as ServiceWorkerContainer,
    said,
    /** Another version has come, and waits. */
    install() {
      registration.installing = installing;
      registration.dispatchEvent(new Event("updatefound"));
      registration.waiting = { postMessage: (message) => said.push(message) };
      installing.dispatchEvent(new Event("statechange"));
    },
    change: () => events.dispatchEvent(new Event("controllerchange")),
  };
}

test("a new version waits until it is asked for; then the page is loaded again, once", async () => {
  const browser = createBrowser();
  let reloads = 0;
  const updates = createUpdates({ ...browser, trustedTypes: undefined, reload: () => reloads++ });
  await updates.registration;
  expect(updates.get()).toBe(false);
  browser.install();
  expect([updates.get(), reloads]).toEqual([true, 0]);
  browser.change();
  expect(reloads).toBe(0);
  updates.take();
  expect(browser.said.at(-1)).toBe("activate");
  browser.change();
  browser.change();
  expect(reloads).toBe(1);
});

test("the first version that a browser has is no update", async () => {
  const browser = createBrowser({ isControlled: false });
  const updates = createUpdates({ ...browser, trustedTypes: undefined, reload: () => {} });
  await updates.registration;
  browser.install();
  expect(updates.get()).toBe(false);
});

test("the policy lets one address become a script", async () => {
  const browser = createBrowser();
  const policies: [string, (url: string) => string][] = [];
  const trustedTypes = {
    createPolicy(name: string, rules: { createScriptURL(url: string): string }) {
      policies.push([name, rules.createScriptURL]);
      return { createScriptURL: (url: string) => `trusted ${rules.createScriptURL(url)}` };
    },
  };
  await createUpdates({ ...browser, trustedTypes, reload: () => {} }).registration;
  expect(browser.said[0]).toBe("trusted /sw.js");
  const [[name, createScriptURL] = ["", String]] = policies;
  expect(name).toBe("windi-worker");
  for (const url of ["/other.js", "//other.example/sw.js", "sw.js"])
    expect(() => createScriptURL(url)).toThrow(TypeError);
});

test("where there is no service worker, or none is allowed, the page does without", async () => {
  for (const container of [undefined, createBrowser({ isForbidden: true }).container]) {
    const updates = createUpdates({ container, trustedTypes: undefined, reload: () => {} });
    expect(await updates.registration).toBeUndefined();
    expect(updates.get()).toBe(false);
  }
});
