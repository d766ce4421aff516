// Copies a text, and says whether that was possible.
import type { Language } from "../messages/language.ts";
import type { Notices } from "../state/notices.ts";

interface CopyNeeds {
  say: Language["say"];
  notices: Pick<Notices, "tell" | "fault">;
  writeText?: (text: string) => Promise<void>;
}

/** @param told what is said when it is done */
export async function copyText(text: string, told: string, needs: CopyNeeds): Promise<void> {
  const { say, notices, writeText = (given) => navigator.clipboard.writeText(given) } = needs;
  try {
    await writeText(text);
  } catch {
    // The browser forbids it, or has no clipboard, as on a page without HTTPS.
    return notices.fault(say("copy_refused"));
  }
  notices.tell(told);
}
