// What the scenes find around them, each by its own name.
import { createContext } from "svelte";
import type { Language } from "./messages/language.ts";
import type { Messenger } from "./state/messenger.ts";
import type { Notices } from "./state/notices.ts";
import type { Preferences } from "./state/preferences.ts";
import type { Route } from "./state/route.ts";
import type { ChatActions } from "./scenes/chat-list/chat-actions.ts";
import type { Updates } from "./shell/worker.ts";
import type { Session } from "./state/session.ts";

/** The language changes with the page: everything below it is made anew. */
export const [useLanguage, provideLanguage] = createContext<Language>();
export const [useRoute, provideRoute] = createContext<Route>();
export const [useNotices, provideNotices] = createContext<Notices>();
export const [usePreferences, providePreferences] = createContext<Preferences>();
export const [useSession, provideSession] = createContext<Session>();
export const [useUpdates, provideUpdates] = createContext<Updates>();
/** Only where somebody is signed in. */
export const [useMessenger, provideMessenger] = createContext<Messenger>();
export const [useChatActions, provideChatActions] = createContext<ChatActions>();
