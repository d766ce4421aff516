// Who was signed in last in this browser, so that the client opens without a network. No secret is in it.
import type { MyProfile } from "@windi/sdk";

const key = "windi.person";

type PersonStorage = Pick<Storage, "getItem" | "setItem" | "removeItem"> | undefined;

export function createLastPerson(storage: PersonStorage) {
  return {
    load(): MyProfile | undefined {
      try {
        const kept = JSON.parse(storage?.getItem(key) ?? "null") as Partial<MyProfile> | null;
        const { id, name, email, shows_presence = true } = kept ?? {};
        const isWhole = [id, name, email].every((text) => typeof text === "string");
        return isWhole ? ({ id, name, email, shows_presence } as MyProfile) : undefined;
      } catch {
        return undefined;
      }
    },
    save({ id, name, email, shows_presence }: MyProfile): void {
      try {
        storage?.setItem(key, JSON.stringify({ id, name, email, shows_presence }));
      } catch {
        // A full storage: the client does not open without a network, and works otherwise.
      }
    },
    forget: (): void => storage?.removeItem(key),
  };
}
