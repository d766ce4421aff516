// The topics of a chat: who of those that hear it hears what.

/** Connections that joined it and follow nothing else: the seed's clients. They hear the seed's events. */
export const joinedTopic = (chatId: string) => `chat:${chatId}`;

/** Connections that follow all chats of their user: they hear every change of the chat. */
export const logTopic = (chatId: string) => `log:${chatId}`;

/** Of these, the ones that look at the chat: they hear what is only worth showing there. */
export const viewTopic = (chatId: string) => `view:${chatId}`;

/** Of these, the ones whose user shows presence, and therefore sees that of others. */
export const presenceTopic = (chatId: string) => `presence:${chatId}`;

export const topicsOf = (chatId: string) =>
  [joinedTopic, logTopic, viewTopic, presenceTopic].map((topicOf) => topicOf(chatId));
