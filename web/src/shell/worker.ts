// The page's side of its service worker: registers it, says when a new version is ready, and changes over on request.
import { createObservable, type Observable } from "@windi/sdk";

/** True while a new version waits to be taken. */
export interface Updates extends Observable<boolean> {
  /** Takes it, and loads the page again: the address, drafts and what is being sent are kept where they always are. */
  take(): void;
  /** Asks the server for a newer version; the browser itself asks only when a page is opened. */
  seek(): void;
  /** What shows notifications; undefined where there is no service worker. */
  readonly registration: Promise<ServiceWorkerRegistration | undefined>;
}

interface UpdatesNeeds {
  /** Undefined on pages without TLS, and where the browser has none. */
  container: ServiceWorkerContainer | undefined;
  trustedTypes: TrustedTypes | undefined;
  reload: () => void;
}

/** As much of the browser's Trusted Types as is used. */
export interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): ScriptPolicy;
}

interface ScriptPolicy {
  createScriptURL(url: string): unknown;
}

const script = "/sw.js";

export function createUpdates({ container, trustedTypes, reload }: UpdatesNeeds): Updates {
  const isReady = createObservable(false);
  let known: ServiceWorkerRegistration | undefined;

  /** Only this one address becomes a script; the page's policy allows no other way. */
  function trusted(): string {
    const policy = trustedTypes?.createPolicy("windi-worker", {
      createScriptURL(url) {
        if (url !== script) throw new TypeError(`${url} is not the service worker`);
        return url;
      },
    });
    return (policy?.createScriptURL(script) ?? script) as string;
  }

  /** The first version that a browser has is no update of anything. */
  function look(): void {
    isReady.set(known?.waiting !== null && known?.waiting !== undefined && container?.controller !== null);
  }

  async function register(): Promise<ServiceWorkerRegistration | undefined> {
    if (!container) return undefined;
    try {
      known = await container.register(trusted(), { scope: "/", updateViaCache: "none" });
    } catch {
      // Forbidden by the person, or the server is an older one: the page works as it is, only not without a network.
      return undefined;
    }
    look();
    known.addEventListener("updatefound", () => known?.installing?.addEventListener("statechange", look));
    return known;
  }

  return {
    get: isReady.get,
    subscribe: isReady.subscribe,
    registration: register(),
    // Without an answer it is asked again later.
    seek: () => void known?.update().catch(() => {}),
    take() {
      if (!known?.waiting) return reload();
      container?.addEventListener("controllerchange", reload, { once: true });
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker and its pages are of one origin
      known.waiting.postMessage("activate");
    },
  };
}
