// One device of a person: a client of the SDK that writes, changes and reads, and remembers what became of it.
import { createClient, createMemoryStorage, isApiError, type ChatLog, type Client } from "@windi/sdk";
import type { ChangeRecord, SendRecord } from "./history.ts";

export interface Account {
  name: string;
  userId: string;
  token: string;
  /** Is let into chats and put out of them: what is refused then may have been stored before. */
  isVisitor: boolean;
}

export interface Device {
  readonly name: string;
  readonly account: Account;
  readonly client: Client;
  readonly sends: SendRecord[];
  readonly changes: ChangeRecord[];
  /** What was ever shown that no client may show. */
  readonly oddities: string[];
  /** Of each chat that the list of chats shows. */
  readonly logs: ReadonlyMap<string, ChatLog>;
  send(chatId: string, text: string): void;
  /** Gives a message another text; deletes it if there is none. */
  change(chatId: string, message: { id: string; seq: number }, text: string | undefined): Promise<void>;
  /** Ends the program and starts it again; only the storage stays. */
  restart(url: string): void;
  close(): void;
}

export function createDevice(name: string, account: Account, url: string): Device {
  const storage = createMemoryStorage();
  const byKey = new Map<string, SendRecord>();
  const sends: SendRecord[] = [];
  const changes: ChangeRecord[] = [];
  const oddities: string[] = [];
  let logs = new Map<string, ChatLog>();
  let client = open(url);

  function open(address: string): Client {
    const opened = createClient({ url: address, token: () => account.token, storage });
    opened.outbox.subscribe(({ entries }) => {
      for (const entry of entries) {
        const record = byKey.get(entry.key);
        if (record && entry.state === "refused" && !account.isVisitor) record.outcome = "refused";
      }
      const here = new Set(entries.map((entry) => entry.key));
      // What is neither on its way nor refused is stored.
      for (const [key, record] of byKey)
        if (record.outcome === "unknown" && !here.has(key) && opened === client)
          record.outcome = "acknowledged";
    });
    opened.connect();
    const own = new Map<string, ChatLog>();
    logs = own;
    opened.chats.subscribe(({ chats }) => {
      const ids = new Set(chats.map(({ id }) => id));
      for (const [id, log] of own) {
        if (ids.has(id)) continue;
        log.close();
        own.delete(id);
      }
      for (const id of ids) if (!own.has(id)) own.set(id, openLog(opened, id));
    });
    void opened.chats.loadMore().catch(() => {});
    return opened;
  }

  function openLog(opened: Client, chatId: string): ChatLog {
    const log = opened.chatLog(chatId);
    log.subscribe(({ messages }) => {
      const at = messages.findIndex(
        (message, place) => place > 0 && message.seq - 1 !== messages[place - 1]?.seq,
      );
      if (at > 0)
        oddities.push(`${name} ${chatId}: ${messages[at - 1]?.seq} is followed by ${messages[at]?.seq}`);
    });
    return log;
  }

  return {
    ...{ name, account, sends, changes, oddities },
    get client() {
      return client;
    },
    get logs() {
      return logs;
    },
    send(chatId, text) {
      const { key } = client.outbox.send(chatId, text);
      const record: SendRecord = {
        client: name,
        userId: account.userId,
        chatId,
        key,
        text,
        outcome: "unknown",
      };
      byKey.set(key, record);
      sends.push(record);
    },
    async change(chatId, { id, seq }, text) {
      const record: ChangeRecord = { chatId, seq, text, outcome: "unknown" };
      changes.push(record);
      const params = { chat_id: chatId, message_id: id };
      try {
        const { version } =
          text === undefined
            ? await client.call("deleteMessage", { params })
            : await client.call("editMessage", { params, body: { text } });
        record.outcome = "acknowledged";
        record.version = version;
      } catch (error) {
        if (isApiError(error) && !error.retryable) record.outcome = "refused";
      }
    },
    restart(address) {
      client.close();
      client = open(address);
    },
    close: () => client.close(),
  };
}
