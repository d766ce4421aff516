// Many followers of many chats: opened together, sending at random, and checked together.
import { randomUUID } from "node:crypto";
import { createTexts } from "../texts.ts";
import { createFollower, type Follower, type FollowerNeeds } from "./follower.ts";
import type { Record } from "./record.ts";
import { comeBack, forAll } from "./return.ts";

export interface Member {
  token: string;
  chatIds: readonly string[];
}

interface FleetNeeds extends Pick<FollowerNeeds, "mayOvertake"> {
  members: readonly Member[];
  record: Record;
  /** Where the member of this place connects. */
  url(place: number): string;
  /** Without it they join each of their chats, as a server without `subscribe` wants it. */
  subscribes: boolean;
  /** Who sends; everyone by default. */
  isSender?(place: number): boolean;
  onLost?(place: number, reason: string): void;
  /** What they send; sentences of 200 bytes by default. */
  texts?: readonly string[];
}

export interface Fleet extends Disposable {
  readonly followers: readonly Follower[];
  /** A random member of a random chat, or of this one, sends. */
  send(dueAt: number, chatId?: string): void;
  /** Waits until everyone has heard everything; what is missing is a fault. */
  settle(patienceMs: number): Promise<void>;
}

/** Connections that are being opened at once. */
const opensAtOnce = 64;
const lookMs = 20;

export async function openFleet(needs: FleetNeeds): Promise<Fleet> {
  const { members, record, subscribes, isSender = () => true } = needs;
  const run = randomUUID().slice(0, 8);
  const texts = (needs.texts ?? createTexts(1000)).map((text) => JSON.stringify(text));
  const followers = members.map(({ token, chatIds }, place) =>
    createFollower({
      ...{ token, place, record, run, texts, mayOvertake: needs.mayOvertake ?? false },
      ...(subscribes ? {} : { joins: chatIds }),
      url: () => needs.url(place),
      onLost: (reason) => {
        if (needs.onLost) needs.onLost(place, reason);
        else record.fault(`connection ${place}: ${reason}`);
      },
    }),
  );
  const sendersOf = new Map<string, Follower[]>();
  for (const [place, { chatIds }] of members.entries()) {
    if (!isSender(place)) continue;
    for (const id of chatIds) {
      const senders = sendersOf.get(id) ?? [];
      senders.push(followers[place] as Follower);
      sendersOf.set(id, senders);
    }
  }
  const chatIds = [...sendersOf.keys()];
  /** Chat → the seq of its newest message, once all that was sent is stored. */
  const ends = new Map<string, number>();

  await forAll([...followers], opensAtOnce, (follower) => comeBack(follower, 0));
  for (const { seqs } of followers)
    for (const [id, seq] of seqs) ends.set(id, Math.max(seq, ends.get(id) ?? 0));

  const heardLess = () =>
    members.flatMap(({ chatIds: ids }, place) =>
      ids.filter((id) => (followers[place]?.seqs.get(id) ?? 0) !== (ends.get(id) ?? 0)),
    );

  return {
    followers,
    send(dueAt, chatId = pick(chatIds)) {
      ends.set(chatId, (ends.get(chatId) ?? 0) + 1);
      pick(sendersOf.get(chatId) ?? []).send(chatId, record.sent(dueAt));
    },
    async settle(patienceMs) {
      const deadline = performance.now() + patienceMs;
      while (performance.now() < deadline) {
        if (record.unanswered === 0 && heardLess().length === 0) return;
        await Bun.sleep(lookMs);
      }
      if (record.unanswered > 0) record.fault(`${record.unanswered} messages have no answer`);
      const short = heardLess();
      if (short.length > 0) record.fault(`${short.length} times a member is not at the end of a chat`);
    },
    [Symbol.dispose]() {
      for (const follower of followers) follower.cut();
    },
  };
}

const pick = <T>(items: readonly T[]) => items[Math.floor(Math.random() * items.length)] as T;
