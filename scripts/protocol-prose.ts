// The parts of docs/protocol.md that no schema can tell: what holds across calls.

export const introduction = `A client talks to the server in two ways: calls of a REST API, and a WebSocket for what happens live. The same
contract is at a running server as \`/openapi.json\` and \`/asyncapi.json\`, and as pages to try it at \`/docs\` and \`/redoc\`.

- Every address answers below \`/\` and below \`/api/v1\`: \`/chats\` and \`/api/v1/chats\` are the same.
- Bodies and frames are JSON in UTF-8. A body may have up to 128 KiB, a frame up to 64 KiB.
- Text is counted in Unicode characters: an emoji that is one code point counts as one. A message has 1–4096 of them.
  U+0000 and halves of surrogate pairs are refused, and nothing that is accepted is changed.
- Ids are UUIDs, taken in any case and answered in lower case. Times are UTC, as in \`2026-01-31T09:00:00.000Z\`.
- Answers and frames may gain fields, and the server may send frames of kinds that are not here: ignore what you do not
  know.`;

export const authentication = `\`POST /auth/login\` answers an access token, a JWT whose \`sub\` is the user's id and whose \`exp\` says until when it
is good. Send it as \`Authorization: Bearer <token>\`. An unknown address and a wrong password get the same answer.

A page of the server itself signs in with \`POST /auth/sessions\`. It gets an access token for ten minutes, whose \`sid\` is the
session's id, and a refresh token in a cookie that no script can read. \`POST /auth/refresh\` answers the next access token and
sets the next refresh token. A refresh token is good once; for 30 s after that, as long as its successor was not used, the same
successor is given again, so that an answer that was lost and two tabs at the same moment do no harm. One that comes later
ends its session: \`session_ended\`. So tabs take turns with refreshing. A session ends when it was not refreshed for 30
days, and after 180 days in any case. Over plain HTTP, but from the machine itself, no cookie is set (\`is_kept\`: false). With the
access token, \`POST /auth/logout\` signs out there too, and wherever the cookie is gone.

These calls must come from a page of the server: with its \`Origin\`, or \`Sec-Fetch-Site: same-origin\`; all others get 403
\`origin_refused\`. A change of the password ends all tokens of before and all other sessions.`;

export const refusals = `Whatever is not a success has this body. Decide by \`code\`, never by the text. \`request_id\` is also in the header
\`X-Request-ID\` and in the server's log. For 422, \`detail\` is a list of what is wrong where; otherwise it is a sentence.`;

export const retrying = `An error that is *retryable* may go away by itself: wait as long as \`Retry-After\` says (seconds), or else with
growing pauses and jitter, then send the same again, a message with the same \`idempotency_key\`. After a 5xx, or when
no answer came, a message may have been stored: the key makes sending it again safe. Everything else fails again until
something about it is changed.`;

export const connecting = `Open \`/ws\` with a ticket: \`new WebSocket(url, ["windi", "ticket.<ticket>"])\`. \`POST /auth/ws-ticket\` answers one,
which opens one socket within 30 s. \`/ws?token=<access token>\` works too, but addresses end up in logs. Without a good ticket or
token the socket is accepted and closed with 4001 at once. A socket that is open stays open when its token expires; it is
closed with 4001 when its session ends, or when it has none and the password is changed. A browser's page from another origin is refused with 403 \`origin_refused\` before there is a socket, unless the operator allows it;
too many new connections with 429 \`rate_limited\`; a request that is no WebSocket with 426 \`upgrade_required\`.

Frames are JSON objects in text frames. A client sends *actions*; the server sends *answers* to them and *events*. A
connection hears the events of the chats that it has joined, and of no others; whoever sends or reads a message gets
that event as the answer even without having joined. Who is removed from a group, or whose group is deleted, hears no
more of it at once. Actions of one connection take effect in the order in which they were sent.

Any action may carry a \`request_id\`, 1–64 characters that the client chooses. The frame that answers it, the error
included, echoes it; copies of an event that others get do not have it. An action that is refused is answered by an
\`ErrorFrame\`, and the connection stays usable.

The server pings a silent connection, which WebSocket libraries answer by themselves, and cuts it when no pong comes.`;

export const limits = `- A message has at most 4096 characters, a frame 64 KiB, a body 128 KiB, a page of history 100 messages, a list of ids
  1000. A larger frame ends the connection (1009); everything else is refused with an error that names the limit.
- How often somebody may call, sign in, register, send, read, type and connect is limited per person, chat or address
  by buckets: some calls at once, then as many as flow back. The operator sets how many. Answers tell where they stand
  with \`RateLimit-Limit\`, \`RateLimit-Remaining\` and \`RateLimit-Reset\` (seconds until the bucket is full again).
- What is too much is answered with \`rate_limited\`, with \`Retry-After\` (seconds) for a call and \`retry_after_ms\` for a
  frame. \`typing\` beyond the limit is dropped without an answer. A connection that sends far too many frames or bytes,
  and one connection too many of a person, is closed with 4029.
- A client that reads too slowly is cut without a close frame rather than skipped: it comes back and reads on.`;

export const idempotency = `A message may carry an \`idempotency_key\`, 1–64 characters, chosen by the sender and unique per message, a UUID for
example. The same chat, sender and key stand for the same message, for ever: sending again, over either transport, at
once or a year later, answers the message that is stored, **even when the text is another one**, and makes no second
one. A repetition is answered to its sender alone; nobody else gets an event. Without a key, sending twice makes two messages.

So a client gives every message a key, keeps it until it is acknowledged, and sends it again with the same key whenever
it does not know what became of it.`;

export const ordering = `A chat is one log. Each message has the next \`seq\` of its chat, 1, 2, 3, … without holes, in the order in which the
messages were committed; \`created_at\` is for people, not for sorting. What was acknowledged (201, or the event
\`new_message\`) is committed: it outlives a crash of the server.

\`version\` is the chat's count of changes when the message last changed. A larger version is the newer state of the same
message: keep that one.

The events of a chat usually come in the order of \`seq\`. A client that sees a gap, and every client after it has come
back, reads what it lacks with \`GET /messages/history/{chat_id}?after_seq=<last seq>\`: first join, then read, then merge
by \`seq\`. That way nothing is lost between the two.

A page of history is always oldest first. \`limit\` and \`offset\` count from the oldest message;
\`before_seq=2147483647\` answers the newest page, and \`before_seq=<first seq of the page>\` the one before it. At most one
of \`before_seq\`, \`after_seq\` and \`around_seq\` may be given; with one of them, \`offset\` does not count.`;

export const reading = `Each member has one pointer per chat: everything up to it is read. \`message_read\` moves it to a message, never back; for
a message before it the answer tells when the pointer last moved. The event \`message_read\` goes to all who joined, and
means that this person has read that message and everything before it.

\`is_read\` of a message says whether anyone but its sender has read it, and \`read_at\` when somebody first had.`;

export const evolution = `The version goes up when a client of the version before would no longer work. New fields, calls, actions, frames
and error codes come without that: treat an unknown code by its status, and an unknown close code by its range.`;
