// Finding people: by exact address anybody, by name those with whom one shares a chat. Nobody is listed to strangers.
import { z } from "zod";
import { UserInfo } from "./accounts.ts";
import { defineEndpoint } from "./endpoint.ts";
import { text } from "./text.ts";

export const PeopleQuery = z
  .object({
    query: text(1, 254).meta({
      description:
        "The beginnings of words of the name, of people with whom the caller shares a chat; or a whole address.",
    }),
    limit: z.coerce.number().int().min(1).max(50).default(20),
  })
  .meta({ id: "PeopleQuery" });
export type PeopleQuery = z.infer<typeof PeopleQuery>;

export const People = z
  .object({
    people: z.array(UserInfo).meta({
      description:
        "Those whose name begins so first. Without the caller; of very large groups not all are looked at.",
    }),
  })
  .meta({ id: "People" });

export const findPeople = defineEndpoint({
  method: "GET",
  path: "/people",
  tag: "accounts",
  summary: "People by name, among those whom I share a chat with, or by exact address",
  auth: "bearer",
  query: PeopleQuery,
  status: 200,
  answer: People,
  errors: [],
});
