// The REST calls that the page makes, with the answers that the contract promises.
import type {
  AccessToken,
  ChatInfo,
  ErrorBody,
  ErrorCode,
  FieldError,
  GroupInfo,
  MessageInfo,
  OperationId,
  RegisterRequest,
  UserInfo,
  endpoints,
} from "@windi/protocol";

type Endpoints = typeof endpoints;

/** Method and path of each call; a path that the contract does not have does not compile. */
const routes = {
  register: "POST /auth/register",
  login: "POST /auth/login",
  getMe: "GET /auth/me",
  listChats: "GET /chats",
  createChat: "POST /chats",
  createGroup: "POST /groups",
  getGroup: "GET /groups/{group_id}",
  addMembers: "POST /groups/{group_id}/members",
  removeMembers: "DELETE /groups/{group_id}/members",
  deleteGroup: "DELETE /groups/{group_id}",
  getHistory: "GET /messages/history/{chat_id}",
} as const satisfies {
  [Id in OperationId]?: `${Endpoints[Id]["method"]} ${Endpoints[Id]["path"]}`;
};

/** Why a call failed; `offline` is the page's own word for "no answer came". */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: ErrorCode | "offline";
  /** What is wrong with which field, for `invalid_request`. */
  readonly fields: FieldError[];
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode | "offline", fields: FieldError[] = [], retryAfterSeconds?: number) {
    super(code);
    this.code = code;
    this.fields = fields;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export interface HistoryPosition {
  before_seq?: number;
  after_seq?: number;
}

interface Input {
  path?: Record<string, string>;
  query?: Record<string, number>;
  body?: unknown;
}

const timeoutMs = 20_000;

/** @param token The access token, when somebody is signed in. */
export function createApi(token: () => string | undefined) {
  async function call(id: keyof typeof routes, { path = {}, query, body }: Input = {}): Promise<unknown> {
    const [method = "", template = ""] = routes[id].split(" ");
    const filled = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] ?? ""));
    const search = query
      ? `?${new URLSearchParams(Object.entries(query).map(([key, n]) => [key, String(n)]))}`
      : "";
    const headers = new Headers({ Accept: "application/json" });
    const bearer = token();
    if (bearer) headers.set("Authorization", `Bearer ${bearer}`);
    if (body !== undefined) headers.set("Content-Type", "application/json");
    const answer = await fetch(`/api/v1${filled}${search}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      cache: "no-store",
      credentials: "omit",
      signal: AbortSignal.timeout(timeoutMs),
    }).catch(() => {
      throw new ApiError("offline");
    });
    if (answer.status === 204) return undefined;
    const json: unknown = await answer.json().catch(() => undefined);
    if (!answer.ok) throw readError(answer, json);
    if (json === undefined) throw new ApiError("offline");
    return json;
  }

  return {
    register: (body: RegisterRequest) => call("register", { body }) as Promise<UserInfo>,
    login: (body: { email: string; password: string }) => call("login", { body }) as Promise<AccessToken>,
    getMe: () => call("getMe") as Promise<UserInfo>,
    listChats: () => call("listChats") as Promise<ChatInfo[]>,
    createChat: (userId: string) => call("createChat", { body: { user_id: userId } }) as Promise<ChatInfo>,
    createGroup: (title: string, userIds: string[]) =>
      call("createGroup", { body: { title, member_ids: userIds } }) as Promise<GroupInfo>,
    getGroup: (groupId: string) => call("getGroup", { path: { group_id: groupId } }) as Promise<GroupInfo>,
    addMembers: (groupId: string, userIds: string[]) =>
      call("addMembers", {
        path: { group_id: groupId },
        body: { user_ids: userIds },
      }) as Promise<GroupInfo>,
    removeMembers: (groupId: string, userIds: string[]) =>
      call("removeMembers", {
        path: { group_id: groupId },
        body: { user_ids: userIds },
      }) as Promise<GroupInfo>,
    deleteGroup: async (groupId: string) => {
      await call("deleteGroup", { path: { group_id: groupId } });
    },
    /** At most `limit` (≤ 100) messages, oldest first. */
    getHistory: (chatId: string, position: HistoryPosition, limit: number) =>
      call("getHistory", { path: { chat_id: chatId }, query: { ...position, limit } }) as Promise<
        MessageInfo[]
      >,
  };
}

export type Api = ReturnType<typeof createApi>;

function readError(answer: Response, json: unknown): ApiError {
  const body = json as Partial<ErrorBody> | undefined;
  // Without our body it was somebody between us and the server who answered.
  if (!body?.code) return new ApiError("unavailable");
  const seconds = Number(answer.headers.get("Retry-After") ?? Number.NaN);
  const fields = Array.isArray(body.detail) ? body.detail : [];
  return new ApiError(body.code, fields, Number.isFinite(seconds) ? seconds : undefined);
}
