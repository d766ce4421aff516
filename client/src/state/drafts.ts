// What is written and not sent, in each chat: here at once, on the person's other devices after a moment.
import type { Observable } from "@windi/sdk";

/** The draft of one chat, for the composer that shows it. */
export interface Draft extends Observable<string> {
  /** At each key. Not for the text of a message that is being edited: that is no draft. */
  write(text: string): void;
  /** While the composer has the focus, nothing from elsewhere takes the place of the text. */
  focus(): void;
  /** Also when the page is hidden: what is not saved goes out at once. */
  blur(): void;
  /** As the message is sent: there is no draft any more. */
  clear(): void;
}

export interface Drafts {
  of(chatId: string): Draft;
  /** Saves all that is not saved, as before the page goes. */
  flush(): void;
}
