// Leaves a chat that is no longer the person's.
import type { Client } from "@windi/sdk";
import type { Route } from "../../state/route.ts";

interface GoneChatNeeds {
  client: Pick<Client, "chats">;
  route: Route;
  /** The chat that was open is gone. */
  onGone: (name: string) => void;
}

/** Answers with what ends it. */
export function watchGoneChat({ client: { chats }, route, onGone }: GoneChatNeeds): () => void {
  let seen: { id: string; name: string } | undefined;

  function follow(): void {
    const place = route.get();
    if (place.scene !== "chat") return void (seen = undefined);
    const chat = chats.find(place.chatId);
    if (chat) seen = chat;
    else if (seen?.id === place.chatId) {
      const { name } = seen;
      seen = undefined;
      route.go({ scene: "list" }, { replace: true });
      onGone(name);
    }
  }

  const ends = [chats.subscribe(follow), route.subscribe(follow)];
  return () => {
    for (const end of ends) end();
  };
}
