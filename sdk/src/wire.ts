// One WebSocket: text in, text out, and one end, told once.

/** As much of a WebSocket as is used: that of browsers, Bun and Node 22, or one of the package `ws`. */
export interface WebSocketLike {
  send(text: string): void;
  close(): void;
  addEventListener(type: "open" | "error", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { data: unknown }) => void): void;
  addEventListener(type: "close", listener: (event: { code: number }) => void): void;
}

export type WebSocketConstructor = new (url: string, protocols?: string[]) => WebSocketLike;

/** How a connection is let in: by a token in the address, or by a ticket among the subprotocols. */
export interface Entrance {
  readonly address: string;
  readonly protocols?: string[];
}

interface WireNeeds {
  entrance: Entrance;
  webSocket: WebSocketConstructor;
  onOpen: () => void;
  onText: (text: unknown) => void;
  onClose: (code: number) => void;
}

export interface Wire {
  send(text: string): void;
  /** Nothing more is heard from here on, the end included. */
  end(): void;
}

export function openWire({ entrance, webSocket, onOpen, onText, onClose }: WireNeeds): Wire {
  const { address, protocols } = entrance;
  const socket = protocols ? new webSocket(address, protocols) : new webSocket(address);
  let isEnded = false;
  const close = (code: number) => {
    if (isEnded) return;
    isEnded = true;
    onClose(code);
  };
  socket.addEventListener("open", () => {
    if (!isEnded) onOpen();
  });
  socket.addEventListener("message", ({ data }) => {
    if (!isEnded) onText(data);
  });
  socket.addEventListener("close", ({ code }) => close(code));
  // A close always follows. Without a listener some implementations throw.
  socket.addEventListener("error", () => {});
  return {
    send: (text) => socket.send(text),
    end() {
      isEnded = true;
      socket.close();
    },
  };
}
