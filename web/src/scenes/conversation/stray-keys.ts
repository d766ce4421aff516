// Keys that write, pressed where nothing is written: they belong to the composer.
import { findShortcut, isAppleMachine, isTextField } from "../workspace/shortcuts.ts";

/** Whether the composer should have the focus before this key writes. */
export function isForComposer(event: KeyboardEvent, page: Window): boolean {
  const { document, navigator } = page;
  const isText = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (!isText || event.defaultPrevented || event.isComposing || isTextField(event.target)) return false;
  if (document.querySelector("dialog[open], :popover-open")) return false;
  // The space bar presses what has the focus.
  if (event.key === " " && event.target !== document.body) return false;
  const isApple = isAppleMachine(navigator.platform);
  return !findShortcut(["anyUnread", "overview"], event, { isApple, isWriting: false });
}
