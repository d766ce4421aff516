// People: registering, signing in, and how a person is shown to others.
import { z } from "zod";
import { defineEndpoint } from "./endpoint.ts";
import { Id, text } from "./text.ts";

/** A person as shown to those who share a chat with them (and to themselves). */
export const UserInfo = z
  .object({ id: Id, name: z.string(), email: z.string() })
  .meta({ id: "UserInfo", description: "A person, as people who share a chat see them." });
export type UserInfo = z.infer<typeof UserInfo>;

/** What only the person sees of themself. */
export const MyProfile = z
  .object({
    ...UserInfo.shape,
    shows_presence: z.boolean().meta({
      description:
        "Whether others see when this person is online or was last; if not, neither does this person.",
    }),
  })
  .meta({ id: "MyProfile" });
export type MyProfile = z.infer<typeof MyProfile>;

export const Name = text(1, 128).refine((name) => name.trim() !== "", "Must not be blank");

/** At most 254 characters (RFC 5321); unique without case. */
export const Email = z.email().max(254);

/** At least 8 characters; at most 512 bytes, which bounds the work of hashing it. */
export const NewPassword = text(8, 512).refine(
  (password) => new TextEncoder().encode(password).length <= 512,
  "Must have at most 512 bytes",
);

export const ProfileRequest = z
  .object({
    shows_presence: z.boolean(),
    name: Name,
    email: Email,
    current_password: text(1, 1024).meta({ description: "Needed for another address." }),
  })
  .partial()
  .refine(({ email, current_password }) => email === undefined || current_password !== undefined, {
    message: "Needed for another address",
    path: ["current_password"],
  })
  .refine(({ shows_presence, name, email }) => (shows_presence ?? name ?? email) !== undefined, {
    message: "Must name what to change: name, email or shows_presence",
  })
  .meta({ id: "ProfileRequest", description: "What is not named stays as it is." });
export type ProfileRequest = z.infer<typeof ProfileRequest>;

export const RegisterRequest = z
  .object({ name: Name, email: Email, password: NewPassword })
  .meta({ id: "RegisterRequest" });
export type RegisterRequest = z.infer<typeof RegisterRequest>;

export const LoginRequest = z
  .object({ email: text(1, 1024), password: text(1, 1024) })
  .meta({ id: "LoginRequest" });
export type LoginRequest = z.infer<typeof LoginRequest>;

export const AccessToken = z
  .object({ access_token: z.string().meta({ description: "A JWT; `sub` is the user's id." }) })
  .meta({ id: "AccessToken" });
export type AccessToken = z.infer<typeof AccessToken>;

export const register = defineEndpoint({
  method: "POST",
  path: "/auth/register",
  tag: "accounts",
  summary: "Make an account",
  auth: "none",
  body: RegisterRequest,
  status: 201,
  answer: UserInfo,
  errors: ["user_exists", "overloaded", "storage_full"],
});

export const login = defineEndpoint({
  method: "POST",
  path: "/auth/login",
  tag: "accounts",
  summary: "Sign in with address and password",
  auth: "none",
  body: LoginRequest,
  status: 200,
  answer: AccessToken,
  errors: ["invalid_credentials", "overloaded"],
});

export const getMe = defineEndpoint({
  method: "GET",
  path: "/auth/me",
  tag: "accounts",
  summary: "Who am I",
  auth: "bearer",
  status: 200,
  answer: MyProfile,
  errors: [],
});

export const changeMe = defineEndpoint({
  method: "PATCH",
  path: "/auth/me",
  tag: "accounts",
  summary: "Change my name, my address, or whether others see when I am online",
  auth: "bearer",
  body: ProfileRequest,
  status: 200,
  answer: MyProfile,
  errors: ["wrong_password", "user_exists", "overloaded", "storage_full"],
});
