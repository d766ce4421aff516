// What people do in a run: each thing on one device, in one chat that the device shows.
import type { Sentences } from "../corpus/corpus.ts";
import type { Random } from "../tests/random.ts";
import type { Account, Device } from "./device.ts";
import type { World } from "./world.ts";

interface OperationsNeeds {
  world: World;
  random: Random;
  sentences: Sentences;
  accounts: readonly Account[];
  devices: readonly Device[];
}

/** How often each is chosen. */
export const operationWeights = {
  ...{ send: 60, burst: 4, edit: 8, remove: 3, read: 15, typing: 6, restart: 4 },
  ...{ admit: 4, expel: 2, leave: 1, rename: 2, found: 1, dissolve: 1 },
};
export type Operation = keyof typeof operationWeights;

/** Groups that come and go are told from those of the beginning by this. */
const meeting = "Meeting";
const mostChats = 12;

export function createOperations({ world, random, sentences, accounts, devices }: OperationsNeeds) {
  const anyUrl = () => world.nodes[random.below(2)]?.url ?? world.nodes[0].url;
  const visitor = accounts.find((account) => account.isVisitor);

  const messagesOf = (device: Device, chatId: string) => device.logs.get(chatId)?.get().messages ?? [];
  const anyOwn = (device: Device, chatId: string) =>
    random.one(
      messagesOf(device, chatId)
        .filter(({ sender, deleted_at }) => sender.id === device.account.userId && deleted_at === null)
        .slice(-5),
    );
  const nameOf = (device: Device, chatId: string) => device.client.chats.find(chatId)?.name ?? "";

  /** A device of whoever made this group; only they may change it. */
  const makerOf = (device: Device, chatId: string) =>
    devices.find(({ account }) => account.userId === device.client.chats.find(chatId)?.creator_id);

  const operations: Record<Operation, (device: Device, chatId: string) => unknown> = {
    send: (device, chatId) => device.send(chatId, sentences.next()),
    burst(device, chatId) {
      for (let n = 0; n < 20; n++) device.send(chatId, sentences.next());
    },
    edit(device, chatId) {
      const message = anyOwn(device, chatId);
      return message && device.change(chatId, message, sentences.next());
    },
    remove(device, chatId) {
      const message = anyOwn(device, chatId);
      return message && device.change(chatId, message, undefined);
    },
    read(device, chatId) {
      const last = messagesOf(device, chatId).at(-1);
      return last && device.client.chats.markRead(chatId, last);
    },
    typing: (device, chatId) => device.client.sendTyping(chatId),
    restart: (device) => device.restart(anyUrl()),
    admit: (device, chatId) =>
      visitor &&
      makerOf(device, chatId)?.client.call("addMembers", {
        params: { group_id: chatId },
        body: { user_ids: [visitor.userId] },
      }),
    expel: (device, chatId) =>
      visitor &&
      makerOf(device, chatId)?.client.call("removeMembers", {
        params: { group_id: chatId },
        body: { user_ids: [visitor.userId] },
      }),
    leave: (device, chatId) =>
      device.account.isVisitor && device.client.call("leaveGroup", { params: { group_id: chatId } }),
    rename: (device, chatId) =>
      makerOf(device, chatId)?.client.call("renameGroup", {
        params: { group_id: chatId },
        body: { title: `${nameOf(device, chatId).split(" ")[0]} ${random.below(1000)}` },
      }),
    found(device) {
      if (device.logs.size >= mostChats || device.account.isVisitor) return undefined;
      const member_ids = accounts.filter(() => random.below(2) === 0).map(({ userId }) => userId);
      return device.client.call("createGroup", {
        body: { title: `${meeting} ${random.below(1000)}`, member_ids },
      });
    },
    dissolve: (device, chatId) =>
      nameOf(device, chatId).startsWith(meeting) &&
      makerOf(device, chatId)?.client.call("deleteGroup", { params: { group_id: chatId } }),
  };

  return {
    /** Does it, unless it makes no sense there; what is refused or lost is no fault. */
    async perform(name: Operation): Promise<void> {
      const device = random.one(devices);
      const chatId = device && random.one([...device.logs.keys()]);
      if (device && chatId !== undefined) await operations[name](device, chatId);
    },
  };
}
