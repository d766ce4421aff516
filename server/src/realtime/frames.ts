// A client's frame, from text to what the contract says it is.
import { ClientFrame, RequestId, actions } from "@windi/protocol";
import { Failure } from "../failure.ts";

export type Decoded = { requestId: string | undefined } & (
  | { frame: ClientFrame; error?: undefined }
  | { frame?: undefined; error: Failure }
);

/** @param text undefined for a binary frame */
export function decode(text: string | undefined): Decoded {
  let value: unknown;
  try {
    if (text === undefined) throw new TypeError("binary");
    value = JSON.parse(text);
  } catch (cause) {
    const detail = text === undefined ? "Send text frames, not binary ones" : "The frame is not valid JSON";
    return { requestId: undefined, error: new Failure("invalid_request", { detail, cause }) };
  }
  const parsed = ClientFrame.safeParse(value);
  if (parsed.success) return { frame: parsed.data, requestId: parsed.data.request_id ?? undefined };
  const requestId = RequestId.safeParse((value as { request_id?: unknown } | null)?.request_id).data;
  const [issue] = parsed.error.issues;
  const detail =
    issue?.code === "invalid_union"
      ? `Unknown action; the field "action" must be one of ${Object.keys(actions).join(", ")}`
      : `${issue?.path.join(".") || "The frame"}: ${issue?.message}`;
  return { requestId, error: new Failure("invalid_request", { detail }) };
}
