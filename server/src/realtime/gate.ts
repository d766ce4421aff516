// Letting people hear chats while others take them out: an answer about membership that was overtaken is asked again.

export interface Gate {
  /**
   * Asks, and enters with the answer in the same moment. If one of these people was taken out of this chat meanwhile,
   * or was let in (of any chat, where none is named), the question is asked again; while somebody is being taken out
   * it waits for how that ends.
   */
  pass<Answer, Result>(
    who: { userIds: readonly string[]; chatId?: string },
    ask: () => Promise<Answer>,
    enter: (answer: Answer) => Result,
  ): Promise<Result>;
  /** These people are being taken out of the chat, until the answer is called. */
  hold(chatId: string, userIds: ReadonlySet<string>): () => void;
  /** Something changed for these people in this chat: answers under way are not to be trusted. */
  doubt(chatId: string, userIds: ReadonlySet<string>): void;
}

interface Passage {
  userIds: readonly string[];
  chatId?: string;
  isDoubted: boolean;
}

interface Hold {
  chatId: string;
  userIds: ReadonlySet<string>;
  ended: Promise<void>;
}

export function createGate(): Gate {
  const passages = new Set<Passage>();
  const holds = new Set<Hold>();

  const concerns = (passage: Passage, chatId: string, userIds: ReadonlySet<string>) =>
    (passage.chatId === undefined || passage.chatId === chatId) &&
    passage.userIds.some((userId) => userIds.has(userId));

  function doubt(chatId: string, userIds: ReadonlySet<string>): void {
    for (const passage of passages) if (concerns(passage, chatId, userIds)) passage.isDoubted = true;
  }

  return {
    doubt,
    async pass(who, ask, enter) {
      const passage: Passage = { ...who, isDoubted: false };
      passages.add(passage);
      try {
        for (;;) {
          passage.isDoubted = false;
          const answer = await ask();
          const hold = [...holds].find((one) => concerns(passage, one.chatId, one.userIds));
          if (hold) await hold.ended;
          else if (!passage.isDoubted) return enter(answer);
        }
      } finally {
        passages.delete(passage);
      }
    },
    hold(chatId, userIds) {
      const { promise: ended, resolve } = Promise.withResolvers<void>();
      const hold: Hold = { chatId, userIds, ended };
      holds.add(hold);
      return () => {
        holds.delete(hold);
        doubt(chatId, userIds);
        resolve();
      };
    },
  };
}
