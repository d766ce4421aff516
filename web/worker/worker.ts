// The service worker: keeps the page and its files, so that it opens at once and without a network; never what the API
// answers. A version stays until the person asks for the next one, or comes back when no tab is open.
import { kindOf } from "./kinds.ts";

/** Put in by the build: the paths of the page's files, and a hash of all that they hold. */
declare const builtFiles: readonly string[];
declare const builtVersion: string;

declare const self: ServiceWorkerGlobalScope;

const prefix = "windi-";
const ownName = prefix + builtVersion;
const files = new Set(builtFiles);

async function keep(): Promise<void> {
  const cache = await caches.open(ownName);
  // The names of most files say what they hold; the page's does not.
  await cache.addAll(["/", ...files].map((path) => new Request(path, { cache: "no-cache" })));
}

/** The version before stays: a tab that is still open may need a part of it that it has not loaded yet. */
async function tidy(): Promise<void> {
  const names = (await caches.keys()).filter((name) => name.startsWith(prefix) && name !== ownName);
  await Promise.all(names.slice(0, -1).map((name) => caches.delete(name)));
}

async function answerPage(request: Request): Promise<Response> {
  const { waiting } = self.registration;
  const tabs = await self.clients.matchAll({ type: "window" });
  if (waiting && tabs.length <= 1) {
    // Whoever reloads the only tab is given the new version; without a network the present one goes on.
    try {
      const fresh = await fetch(request);
      if (fresh.ok) {
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker and its pages are of one origin
        waiting.postMessage("activate");
        return fresh;
      }
    } catch {
      return keptOr("/", request);
    }
  }
  return keptOr("/", request);
}

async function keptOr(path: string, request: Request): Promise<Response> {
  const own = await (await caches.open(ownName)).match(path);
  return own ?? (await caches.match(path)) ?? fetch(request);
}

/** Goes to the place that a notification is about, in a tab that is open if there is one. */
async function open(address: string): Promise<void> {
  const [tab] = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  if (!tab) return void (await self.clients.openWindow(`/${address}`));
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker and its pages are of one origin
  tab.postMessage({ open: address });
  await tab.focus();
}

self.addEventListener("install", (event) => event.waitUntil(keep()));
self.addEventListener("activate", (event) => event.waitUntil(tidy()));
self.addEventListener("message", (event) => {
  if (event.data === "activate") event.waitUntil(self.skipWaiting());
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const kind = kindOf(request, self.location.origin, files);
  if (kind === "page") event.respondWith(answerPage(request));
  else if (kind === "file") event.respondWith(keptOr(new URL(request.url).pathname, request));
});
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { address } = (event.notification.data ?? {}) as { address?: string };
  event.waitUntil(open(address ?? "#/"));
});
