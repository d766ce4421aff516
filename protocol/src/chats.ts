// Chats and groups. A group is a chat; a group's id is its chat's id.
import { z } from "zod";
import { UserInfo } from "./accounts.ts";
import { defineEndpoint } from "./endpoint.ts";
import { Id, Timestamp, text } from "./text.ts";

/** Greatest number of ids in one request; more people are added by more requests. */
export const maxIdsPerRequest = 1000;

const UserIds = z.array(Id).max(maxIdsPerRequest);

export const ChatType = z.enum(["personal", "group"]);
export type ChatType = z.infer<typeof ChatType>;

export const ChatInfo = z
  .object({
    id: Id,
    name: z.string().meta({ description: "A group's title; of a personal chat, the names of both people." }),
    type: ChatType,
    members: z.array(z.object({ user: UserInfo })),
    group_id: Id.nullable().meta({
      description: "The chat's id for a group, null for a personal chat.",
    }),
  })
  .meta({ id: "ChatInfo" });
export type ChatInfo = z.infer<typeof ChatInfo>;

export const GroupInfo = z
  .object({
    id: Id.meta({ description: "Also the id of the group's chat." }),
    title: z.string(),
    creator: UserInfo,
    members: z.array(z.object({ user: UserInfo, joined_at: Timestamp })),
  })
  .meta({ id: "GroupInfo" });
export type GroupInfo = z.infer<typeof GroupInfo>;

export const CreateChatRequest = z.object({ user_id: Id }).meta({ id: "CreateChatRequest" });
export const Title = text(1, 100).refine((title) => title.trim() !== "", "Must not be blank");
export const CreateGroupRequest = z
  .object({ title: Title, member_ids: UserIds.nullish() })
  .meta({ id: "CreateGroupRequest" });
export const RenameRequest = z.object({ title: Title }).meta({ id: "RenameRequest" });
export const MembersRequest = z.object({ user_ids: UserIds.min(1) }).meta({ id: "MembersRequest" });

const GroupPath = z.object({ group_id: Id });

export const createChat = defineEndpoint({
  method: "POST",
  path: "/chats",
  tag: "chats",
  summary: "Start a personal chat",
  auth: "bearer",
  body: CreateChatRequest,
  status: 201,
  answer: ChatInfo,
  errors: ["chat_with_self", "user_not_found", "chat_exists", "storage_full"],
});

export const listChats = defineEndpoint({
  method: "GET",
  path: "/chats",
  tag: "chats",
  summary: "My chats, the one with the latest activity first",
  auth: "bearer",
  status: 200,
  answer: z.array(ChatInfo),
  errors: [],
});

export const createGroup = defineEndpoint({
  method: "POST",
  path: "/groups",
  tag: "groups",
  summary: "Make a group; its creator is a member",
  auth: "bearer",
  body: CreateGroupRequest,
  status: 201,
  answer: GroupInfo,
  errors: ["user_not_found", "storage_full"],
});

export const getGroup = defineEndpoint({
  method: "GET",
  path: "/groups/{group_id}",
  tag: "groups",
  summary: "A group with its members",
  auth: "bearer",
  params: GroupPath,
  status: 200,
  answer: GroupInfo,
  errors: ["not_a_member", "group_not_found"],
});

export const addMembers = defineEndpoint({
  method: "POST",
  path: "/groups/{group_id}/members",
  tag: "groups",
  summary: "Add people to a group; who is in it already stays",
  auth: "bearer",
  params: GroupPath,
  body: MembersRequest,
  status: 200,
  answer: GroupInfo,
  errors: ["not_the_creator", "group_not_found", "user_not_found", "storage_full"],
});

export const removeMembers = defineEndpoint({
  method: "DELETE",
  path: "/groups/{group_id}/members",
  tag: "groups",
  summary: "Remove people from a group; they hear no more of it at once",
  auth: "bearer",
  params: GroupPath,
  body: MembersRequest,
  status: 200,
  answer: GroupInfo,
  errors: ["not_the_creator", "creator_stays", "group_not_found", "user_not_found", "storage_full"],
});

export const renameGroup = defineEndpoint({
  method: "PATCH",
  path: "/groups/{group_id}",
  tag: "groups",
  summary: "Change a group's title",
  auth: "bearer",
  params: GroupPath,
  body: RenameRequest,
  status: 200,
  answer: GroupInfo,
  errors: ["not_the_creator", "group_not_found", "storage_full"],
});

export const leaveGroup = defineEndpoint({
  method: "POST",
  path: "/groups/{group_id}/leave",
  tag: "groups",
  summary: "Leave a group; its creator cannot",
  auth: "bearer",
  params: GroupPath,
  status: 204,
  errors: ["not_a_member", "creator_stays", "group_not_found", "storage_full"],
});

export const deleteGroup = defineEndpoint({
  method: "DELETE",
  path: "/groups/{group_id}",
  tag: "groups",
  summary: "Delete a group with its chat, messages and members",
  auth: "bearer",
  params: GroupPath,
  status: 204,
  errors: ["not_the_creator", "group_not_found", "storage_full"],
});
