CREATE TABLE "mentions" (
	"chat_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"seq" integer NOT NULL,
	CONSTRAINT "mentions_chat_id_user_id_seq_pk" PRIMARY KEY("chat_id","user_id","seq")
);
--> statement-breakpoint
ALTER TABLE "chats" ADD COLUMN "info_version" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "chats" ADD COLUMN "member_count" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "edited_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "deleted_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "mentions" uuid[];--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "shows_presence" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "last_seen_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "mentions" ADD CONSTRAINT "mentions_chat_id_chats_id_fk" FOREIGN KEY ("chat_id") REFERENCES "public"."chats"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "chats_deserted" ON "chats" USING btree ("id") WHERE "chats"."member_count" = 0;--> statement-breakpoint
CREATE INDEX "members_joined" ON "members" USING btree ("user_id","joined_at");--> statement-breakpoint
CREATE INDEX "messages_sender" ON "messages" USING btree ("chat_id","sender_id","seq") WHERE "messages"."seq" > 0;--> statement-breakpoint
CREATE INDEX "messages_changed" ON "messages" USING btree ("chat_id","version") WHERE "messages"."edited_at" is not null or "messages"."deleted_at" is not null;--> statement-breakpoint
CREATE INDEX "messages_deleted" ON "messages" USING btree ("chat_id","seq") WHERE "messages"."deleted_at" is not null;--> statement-breakpoint
UPDATE "chats" SET "member_count" = (SELECT count(*) FROM "members" WHERE "members"."chat_id" = "chats"."id");
