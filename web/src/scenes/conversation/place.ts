// Where a person left a chat: the message at the top of what they saw, and how far below the top it was. For this tab only.

export interface KeptPlace {
  readonly seq: number;
  readonly offset: number;
}

type PlaceStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const prefix = "windi.place.";
const keyOf = (chatId: string): string => prefix + chatId;

/** Undefined where the person has forbidden pages to keep anything. */
export function tabStorage(): Storage | undefined {
  try {
    return sessionStorage;
  } catch {
    return undefined;
  }
}

/** @param place undefined: at the end, as chats open by themselves */
export function keepPlace(
  storage: PlaceStorage | undefined,
  chatId: string,
  place: KeptPlace | undefined,
): void {
  if (place) storage?.setItem(keyOf(chatId), `${place.seq} ${place.offset.toFixed(2)}`);
  else storage?.removeItem(keyOf(chatId));
}

export function findPlace(storage: PlaceStorage | undefined, chatId: string): KeptPlace | undefined {
  const [, seq, offset] =
    /^([1-9]\d{0,9}) (-?\d{1,6}(?:\.\d\d)?)$/.exec(storage?.getItem(keyOf(chatId)) ?? "") ?? [];
  return seq === undefined ? undefined : { seq: Number(seq), offset: Number(offset) };
}

/** All of them, as when somebody else may come. */
export function forgetPlaces(storage: Pick<Storage, "length" | "key" | "removeItem"> | undefined): void {
  const keys = Array.from({ length: storage?.length ?? 0 }, (_, index) => storage?.key(index) ?? "");
  for (const key of keys) if (key.startsWith(prefix)) storage?.removeItem(key);
}

/** What a list is opened at. */
export type Target =
  | { readonly kind: "end" }
  /** The first unread message at the top, under its line. */
  | { readonly kind: "unread"; readonly seq: number }
  /** In the middle, and marked. */
  | { readonly kind: "message"; readonly seq: number }
  | { readonly kind: "place"; readonly seq: number; readonly offset: number };

/** Where a chat opens: at the message that the address names, at what is unread, where it was left, or at its end. */
export function chooseTarget(wanted: {
  seq: number | undefined;
  unreadFrom: number | undefined;
  kept: KeptPlace | undefined;
}): Target {
  if (wanted.seq !== undefined) return { kind: "message", seq: wanted.seq };
  if (wanted.unreadFrom !== undefined) return { kind: "unread", seq: wanted.unreadFrom };
  return wanted.kept ? { kind: "place", ...wanted.kept } : { kind: "end" };
}

/**
 * Where the button leads: to what is unread below what is seen, else to the end.
 * @param led seq of the unread message that it led to last, while the reader has not gone back: pressed again, it leads to the end
 */
export function chooseNext(wanted: {
  firstUnread: number | undefined;
  lastVisible: number;
  led: number | undefined;
}): Target {
  const { firstUnread, lastVisible, led } = wanted;
  return firstUnread !== undefined && firstUnread > lastVisible && led === undefined
    ? { kind: "unread", seq: firstUnread }
    : { kind: "end" };
}
