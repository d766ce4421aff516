// Whether the browser lets the page show notifications, and if not, why.

export type Leave = NotificationPermission | "insecure" | "unsupported";

export function readLeave(window: Pick<Window, "isSecureContext"> & { Notification?: unknown }): Leave {
  if (!window.isSecureContext) return "insecure";
  const { Notification } = window;
  if (typeof Notification !== "function" || !("permission" in Notification)) return "unsupported";
  return Notification.permission as NotificationPermission;
}
