import { expect, test } from "bun:test";
import { readLeave } from "./leave.ts";

test("why there are no notifications: no TLS, no such thing, or the person's word", () => {
  const Notification = Object.assign(() => {}, { permission: "denied" });
  expect(readLeave({ isSecureContext: false, Notification })).toBe("insecure");
  expect(readLeave({ isSecureContext: true })).toBe("unsupported");
  expect(readLeave({ isSecureContext: true, Notification })).toBe("denied");
});
