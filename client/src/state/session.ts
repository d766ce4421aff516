// Who is signed in on this page, and the access token, which is nowhere but in memory.
import type { Call, MyProfile, Observable, SessionInfo, TokenHook } from "@windi/sdk";

export type SessionState =
  | { readonly phase: "starting" }
  /** `ended`: not by this person on this device. */
  | { readonly phase: "signed_out"; readonly because?: "ended" }
  /** `isKept`: whether the browser can go on without the password when the access token ends. */
  | { readonly phase: "signed_in"; readonly me: MyProfile; readonly isKept: boolean };

/** Whatever asks the server fails with `ApiError` when that refuses, with `ConnectionError` without an answer. */
export interface Session extends Observable<SessionState>, Disposable {
  /** Finds out who is signed in; without a network, who was so last. */
  start(): Promise<void>;
  signIn(person: { email: string; password: string }): Promise<void>;
  /** Makes an account and signs in. */
  register(person: { name: string; email: string; password: string }): Promise<void>;
  /** In all tabs of this browser; what is kept of the person here is deleted. */
  signOut(): Promise<void>;
  /** Calls the server as whoever is signed in. */
  readonly call: Call;
  /** For clients of the SDK. */
  readonly token: TokenHook;
  readonly ticket: () => Promise<string>;
  /** An address is changed with the password. */
  changeProfile(change: {
    name?: string;
    email?: string;
    current_password?: string;
    shows_presence?: boolean;
  }): Promise<void>;
  /** All other devices are signed out by it. */
  changePassword(change: { current_password: string; new_password: string }): Promise<void>;
  devices(): Promise<readonly SessionInfo[]>;
  endDevice(sessionId: string): Promise<void>;
  endOtherDevices(): Promise<void>;
  dispose(): void;
}
