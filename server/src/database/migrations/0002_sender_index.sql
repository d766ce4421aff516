DROP INDEX "messages_sender";--> statement-breakpoint
CREATE INDEX "messages_sender" ON "messages" USING btree ("chat_id","sender_id","seq") WHERE "messages"."seq" > 0;