// Security headers: what every answer carries, and the Content-Security-Policy of each kind of document.
import type { FilePolicy } from "./static.ts";

const contentPolicies: Record<FilePolicy, string> = {
  page: [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob: data:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "object-src 'none'",
    "frame-src 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    // By this one the page names its service worker; no string of it ever becomes HTML.
    "trusted-types windi-worker",
  ].join("; "),
  // Swagger UI and ReDoc write styles into the page; nothing else is looser.
  docs: [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "form-action 'self'",
    "base-uri 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  // What the worker itself may load: it keeps files of this server, and has no other code than its own.
  worker: [
    "default-src 'none'",
    "connect-src 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; "),
  asset: "default-src 'none'; frame-ancestors 'none'",
};

const permissions = "camera=(), microphone=(), geolocation=(), payment=(), usb=()";

/** On every answer. @param publicUrl origin under which people reach the server, if the operator told */
export function commonHeaders(publicUrl: string | undefined): Record<string, string> {
  const isHttps = publicUrl?.startsWith("https:") === true;
  return {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
    ...(isHttps ? { "strict-transport-security": "max-age=31536000; includeSubDomains" } : {}),
  };
}

/** On answers of the API: never stored, and never a document. */
export const apiHeaders: Record<string, string> = {
  "cache-control": "no-store",
  "content-security-policy": contentPolicies.asset,
};

export function fileHeaders(policy: FilePolicy): Record<string, string> {
  const headers = { "content-security-policy": contentPolicies[policy] };
  if (policy === "asset") return headers;
  // Whichever of its addresses it comes from, the whole page is its own.
  if (policy === "worker") return { ...headers, "service-worker-allowed": "/" };
  return {
    ...headers,
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": permissions,
  };
}
