// Staying signed in: sessions with a refresh token in a cookie, one per device, and tickets for WebSockets.
import { z } from "zod";
import { LoginRequest, NewPassword } from "./accounts.ts";
import { defineEndpoint } from "./endpoint.ts";
import { Id, Timestamp, text } from "./text.ts";

export const SessionToken = z
  .object({
    access_token: z.string().meta({ description: "A JWT; `sub` is the user's id, `sid` the session's." }),
    expires_in_ms: z.int().min(0).meta({ description: "For how long the access token is good." }),
    session_id: Id,
    is_kept: z.boolean().meta({
      description:
        "Whether the browser was given a refresh token. Not over plain HTTP, except from the machine itself: " +
        "then the session ends with its access token.",
    }),
  })
  .meta({ id: "SessionToken" });
export type SessionToken = z.infer<typeof SessionToken>;

export const SessionInfo = z
  .object({
    id: Id,
    device: z.string().meta({ description: "Browser and system in words, such as `Firefox on Linux`." }),
    address: z
      .string()
      .meta({ description: "The network that it was last used from, without its last part." }),
    created_at: Timestamp,
    last_used_at: Timestamp,
    is_current: z.boolean().meta({ description: "Whether the caller's token is of this session." }),
  })
  .meta({ id: "SessionInfo", description: "A device on which the user is signed in." });
export type SessionInfo = z.infer<typeof SessionInfo>;

export const WebSocketTicket = z.object({ ticket: z.string(), expires_in_ms: z.int().min(0) }).meta({
  id: "WebSocketTicket",
  description: "Opens one WebSocket: `new WebSocket(url, ['windi', 'ticket.<ticket>'])`.",
});
export type WebSocketTicket = z.infer<typeof WebSocketTicket>;

export const PasswordRequest = z
  .object({ current_password: text(1, 1024), new_password: NewPassword })
  .meta({ id: "PasswordRequest" });
export type PasswordRequest = z.infer<typeof PasswordRequest>;

export const signIn = defineEndpoint({
  method: "POST",
  path: "/auth/sessions",
  tag: "accounts",
  summary: "Sign in on this device and stay signed in: the refresh token is set as a cookie",
  auth: "none",
  body: LoginRequest,
  status: 201,
  answer: SessionToken,
  errors: ["invalid_credentials", "origin_refused", "overloaded", "storage_full"],
});

export const refresh = defineEndpoint({
  method: "POST",
  path: "/auth/refresh",
  tag: "accounts",
  summary: "Another access token, and another refresh token in the cookie",
  auth: "cookie",
  status: 200,
  answer: SessionToken,
  errors: ["session_ended", "origin_refused", "storage_full"],
});

export const logout = defineEndpoint({
  method: "POST",
  path: "/auth/logout",
  tag: "accounts",
  summary:
    "End the session of the cookie and that of the access token, and close their WebSockets on every node",
  auth: "either",
  status: 204,
  errors: ["origin_refused", "storage_full"],
});

export const listSessions = defineEndpoint({
  method: "GET",
  path: "/auth/sessions",
  tag: "accounts",
  summary: "My devices, the one that was used last first",
  auth: "bearer",
  status: 200,
  answer: z.object({ sessions: z.array(SessionInfo) }).meta({ id: "Sessions" }),
  errors: [],
});

export const endSession = defineEndpoint({
  method: "DELETE",
  path: "/auth/sessions/{session_id}",
  tag: "accounts",
  summary: "Sign out one of my devices",
  auth: "bearer",
  params: z.object({ session_id: Id }),
  status: 204,
  errors: ["session_not_found", "storage_full"],
});

export const endOtherSessions = defineEndpoint({
  method: "DELETE",
  path: "/auth/sessions",
  tag: "accounts",
  summary: "Sign out all of my devices but this one",
  auth: "bearer",
  status: 204,
  errors: ["storage_full"],
});

export const changePassword = defineEndpoint({
  method: "PUT",
  path: "/auth/me/password",
  tag: "accounts",
  summary: "Change my password; all other sessions and all tokens of before end",
  auth: "bearer",
  body: PasswordRequest,
  status: 204,
  errors: ["wrong_password", "overloaded", "storage_full"],
});

export const createTicket = defineEndpoint({
  method: "POST",
  path: "/auth/ws-ticket",
  tag: "accounts",
  summary: "A ticket that opens one WebSocket within 30 s, so that no token is in an address",
  auth: "bearer",
  status: 201,
  answer: WebSocketTicket,
  errors: [],
});
