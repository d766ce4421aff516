// The inboxes of connections: frames are handled in the order in which they came, and only so many may wait.

/** One frame, decoded and not yet started. */
export interface Task {
  /**
   * The next such task may start before this one has finished, which is how sends that follow each other end up in
   * one batch. Any other task waits for all before it, and all after it wait for it.
   */
  overlaps: boolean;
  /** Never rejects. */
  run(): Promise<void>;
}

export interface Inboxes<Owner> {
  push(owner: Owner, frame: string | undefined): void;
}

interface InboxesNeeds<Owner> {
  prepare(owner: Owner, frame: string | undefined): Task;
  /** Frames of one owner that wait or are under way. */
  maxFrames: number;
  /** Called instead of keeping a frame that is too many. */
  overflow(owner: Owner): void;
}

interface Inbox {
  readonly waiting: (string | undefined)[];
  /** Taken from those that wait, and must wait for what is under way. */
  next: Task | undefined;
  underWay: number;
  /** What is under way overlaps with nothing. */
  isAlone: boolean;
}

export function createInboxes<Owner>({ prepare, maxFrames, overflow }: InboxesNeeds<Owner>): Inboxes<Owner> {
  /** Of those who have frames that wait or are under way, which is nearly nobody at any moment. */
  const inboxes = new Map<Owner, Inbox>();

  function open(owner: Owner): Inbox {
    const inbox: Inbox = { waiting: [], next: undefined, underWay: 0, isAlone: false };
    inboxes.set(owner, inbox);
    return inbox;
  }

  /** Starts what may start. */
  function advance(owner: Owner, inbox: Inbox): void {
    while (!inbox.isAlone && (inbox.next || inbox.waiting.length > 0)) {
      const task = inbox.next ?? prepare(owner, inbox.waiting.shift());
      inbox.next = task.overlaps || inbox.underWay === 0 ? undefined : task;
      if (inbox.next) return;
      inbox.isAlone = !task.overlaps;
      inbox.underWay++;
      void task.run().then(() => {
        inbox.underWay--;
        inbox.isAlone = false;
        advance(owner, inbox);
      });
    }
    if (inbox.underWay === 0) inboxes.delete(owner);
  }

  return {
    push(owner, frame) {
      const inbox = inboxes.get(owner) ?? open(owner);
      if (inbox.waiting.length + inbox.underWay >= maxFrames) {
        overflow(owner);
        return;
      }
      inbox.waiting.push(frame);
      advance(owner, inbox);
    },
  };
}
