// Many people at once, put into the database without hashing a password for each; their tokens are as good as any.
import postgres from "postgres";
import { createTokens } from "../../server/src/accounts/tokens.ts";

export interface Member {
  id: string;
  token: string;
}

interface CrowdNeeds {
  databaseUrl: string;
  /** JWT_SECRET_KEY of the server. */
  secret: string;
  count: number;
  /** The chat that all of them are in from now on; none unless given. */
  chatId?: string;
}

/** Nobody of them can sign in: what stands for their passwords is no hash of any. */
export async function createCrowd({ databaseUrl, secret, count, chatId }: CrowdNeeds): Promise<Member[]> {
  const tokens = createTokens({ secret, algorithm: "HS256", lifetimeMinutes: 60, now: Date.now });
  const client = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  const ids = Array.from({ length: count }, () => Bun.randomUUIDv7());
  await client.begin(async (transaction) => {
    await transaction.unsafe(
      `insert into users (id, name, email, email_key, password_hash)
      select id, 'Member', id || '@example.org', id || '@example.org', 'none' from unnest($1::uuid[]) u(id)`,
      [ids],
    );
    if (chatId === undefined) return;
    await transaction.unsafe("select 1 from chats where id = $1 for update", [chatId]);
    await transaction.unsafe(
      "insert into members (chat_id, user_id, role) select $1, id, 'member' from unnest($2::uuid[]) u(id)",
      [chatId, ids],
    );
    await transaction.unsafe(
      `update chats set member_count = member_count + $2, version = version + 1, info_version = version + 1,
      members_version = members_version + 1 where id = $1`,
      [chatId, count],
    );
  });
  await client.end();
  return Promise.all(ids.map(async (id) => ({ id, token: await tokens.issue(id) })));
}
