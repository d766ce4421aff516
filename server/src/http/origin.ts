// Whose page asks: browsers name its origin, and only they do.
import { Failure } from "../failure.ts";

/**
 * It must be our own or one that the operator allows, to the letter, so that no other site can open a socket in a
 * visitor's name.
 */
export function isOriginAllowed(
  { headers }: Request,
  publicUrl: string | undefined,
  allowed: readonly string[],
): boolean {
  const origin = headers.get("origin");
  return origin === null || allowed.includes(origin) || isOwnOrigin(headers, origin, publicUrl);
}

/**
 * For what a cookie is used or set: the page is our own, and the body is nothing that a form could send.
 * @throws Failure `origin_refused`, also when nobody says where the request comes from
 */
export function requireOwnPage({ headers }: Request, publicUrl: string | undefined): void {
  const origin = headers.get("origin");
  const isOwn =
    headers.get("sec-fetch-site") === "same-origin" ||
    (origin !== null && isOwnOrigin(headers, origin, publicUrl));
  if (!isOwn) throw new Failure("origin_refused");
  const type = headers.get("content-type");
  if (type === null || /^application\/json *(;|$)/i.test(type)) return;
  const field = { loc: ["header", "content-type"], msg: "Must be application/json", type: "custom" };
  throw new Failure("invalid_request", { fields: [field] });
}

function isOwnOrigin(headers: Headers, origin: string, publicUrl: string | undefined): boolean {
  if (publicUrl !== undefined) return origin === publicUrl;
  const host = headers.get("host") ?? "";
  return host !== "" && (origin === `http://${host}` || origin === `https://${host}`);
}
