// What the tabs of one browser tell each other of who is signed in, so that they act as one.
import type { Clock, MyProfile } from "@windi/sdk";
import type { Access } from "./access.ts";

export type TabChannel = Pick<BroadcastChannel, "postMessage" | "close"> & {
  addEventListener(type: "message", listener: (event: { data: unknown }) => void): void;
};

export interface SignedIn {
  readonly access: Access;
  readonly me: MyProfile;
}

type TabMessage =
  | { readonly kind: "who_is_in" }
  | ({ readonly kind: "signed_in" } & SignedIn)
  | { readonly kind: "profile"; readonly me: MyProfile }
  | { readonly kind: "signed_out"; readonly because?: "ended" };

interface TabsNeeds {
  /** Undefined where the browser has none: each tab is alone then. */
  channel: TabChannel | undefined;
  clock: Clock;
  current: () => SignedIn | undefined;
  onSignedIn: (theirs: SignedIn) => void;
  onProfile: (me: MyProfile) => void;
  onSignedOut: (because?: "ended") => void;
}

/** A tab that sleeps does not answer, and is not waited for. */
const answerMs = 50;

export function createTabs({ channel, clock, current, onSignedIn, onProfile, onSignedOut }: TabsNeeds) {
  let answered: ((theirs: SignedIn | undefined) => void) | undefined;
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel is of one origin
  const tell = (message: TabMessage) => channel?.postMessage(message);

  channel?.addEventListener("message", ({ data }) => {
    const message = data as TabMessage;
    if (message.kind === "who_is_in") {
      const own = current();
      if (own) tell({ kind: "signed_in", ...own });
    } else if (message.kind === "signed_in") {
      const { access, me } = message;
      onSignedIn({ access, me });
      answered?.({ access, me });
    } else if (message.kind === "profile") onProfile(message.me);
    else if (message.kind === "signed_out") onSignedOut(message.because);
  });

  return {
    /** What another tab holds; undefined when none answers. */
    ask(): Promise<SignedIn | undefined> {
      if (!channel) return Promise.resolve(undefined);
      return new Promise((resolve) => {
        const cancel = clock.later(answerMs, () => answered?.(undefined));
        answered = (theirs) => {
          cancel();
          answered = undefined;
          resolve(theirs);
        };
        tell({ kind: "who_is_in" });
      });
    },
    tellSignedIn: (own: SignedIn) => tell({ kind: "signed_in", ...own }),
    tellProfile: (me: MyProfile) => tell({ kind: "profile", me }),
    tellSignedOut: (because?: "ended") => tell({ kind: "signed_out", ...(because ? { because } : {}) }),
    close: () => channel?.close(),
  };
}
