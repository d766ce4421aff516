import { expect } from "bun:test";
import { call, createPerson } from "../harness.ts";
import { expectNoBarriers, prepareJourneys } from "./journeys.ts";

const { server, open, journey } = prepareJourneys();

journey("older messages come when one scrolls up, and what one looks at stays where it is", async () => {
  const anna = await open({ name: "Anna", language: "en" });
  const [author, reader] = await Promise.all([
    createPerson(server().url, "Author"),
    createPerson(server().url, "Reader"),
  ]);
  const chat = await author.call<{ id: string }>("POST", "/chats", { user_id: reader.user.id });
  const chatId = chat.body.id;
  for (let number = 1; number <= 130; number++) {
    await author.call("POST", `/chats/${chatId}/messages`, { text: `Message ${number}.` });
  }
  await anna.arrive(author.token);
  await anna.openChat("Reader");
  await anna.message("Message 130.").waitFor();
  const { page } = anna;
  expect(await anna.message("Message 80.").count()).toBe(0);

  const moved = await page.getByRole("log").evaluate(async (log) => {
    const find = (text: string) =>
      [...log.querySelectorAll("article")].find((row) => row.textContent.includes(text));
    const first = find("Message 81.");
    log.scrollTop = 100;
    const before = first?.getBoundingClientRect().top ?? Number.NaN;
    while (!find("Message 79.")) await new Promise(requestAnimationFrame);
    return (first?.getBoundingClientRect().top ?? Number.NaN) - before;
  });
  expect(Math.abs(moved)).toBeLessThanOrEqual(2);
  await reader.call("POST", `/chats/${chatId}/messages`, { text: "News." });
  await page.getByRole("button", { name: "1 new message, jump to it" }).click();
  await anna.message("News.").waitFor();

  const texts = await page
    .getByRole("article")
    .evaluateAll((rows) => rows.map((row) => /Message (\d+)/.exec(row.textContent)?.[1]));
  const numbers = texts.filter((text) => text !== undefined).map(Number);
  expect(numbers).toEqual(Array.from(numbers, (_, index) => (numbers[0] ?? 0) + index));
});

journey("a message that is refused stays with its writer, who tries again or discards it", async () => {
  const anna = await open({ name: "Anna", language: "en" });
  const { page } = anna;
  let isRefusing = true;
  await page.routeWebSocket(/\/ws\?/, (socket) => {
    const target = socket.connectToServer();
    socket.onMessage((frame) => {
      const { action, request_id } = JSON.parse(String(frame)) as { action: string; request_id?: string };
      if (action !== "send_message" || !isRefusing) target.send(frame);
      else socket.send(JSON.stringify({ error: "Refused", code: "invalid_request", request_id }));
    });
  });
  await anna.register();
  const clara = await createPerson(server().url, "Clara");
  await anna.startChat(clara.user.id);
  await anna.write("First");
  await anna.write("Second");
  await anna.message("Second").getByRole("img", { name: "Not sent" }).waitFor();
  await expectNoBarriers(anna);
  isRefusing = false;
  await anna.message("Second").getByRole("button", { name: "Try again" }).click();
  await anna.message("Second").getByRole("img", { name: "Sent" }).waitFor();
  await anna.message("First").getByRole("button", { name: "Discard" }).click();
  await anna.message("First").waitFor({ state: "detached" });
});

journey("a token that is no longer good leads to the sign-in page, and nothing of it is kept", async () => {
  const anna = await open({ name: "Anna", language: "en" });
  const { page } = anna;
  await anna.register();
  await page.evaluate(() => sessionStorage.setItem("windi.token", "no token"));
  await page.reload();
  await page.getByText("Your session has ended.").waitFor();
  expect(await page.evaluate(() => [sessionStorage.length, localStorage.length])).toEqual([0, 0]);
  await anna.signIn();
});

journey(
  "a connection that is closed as unauthenticated leads to the sign-in page, and is not tried again",
  async () => {
    const anna = await open({ name: "Anna", language: "en" });
    const { page } = anna;
    await anna.register();
    let connections = 0;
    await page.routeWebSocket(/\/ws\?/, async (socket) => {
      connections++;
      await socket.close({ code: 4001 });
    });
    await page.reload();
    await page.getByText("Your session has ended.").waitFor();
    await expectNoBarriers(anna);
    expect(connections).toBe(1);
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  },
);

journey("a message written while the server is away arrives once, and in order", async () => {
  const [anna, boris] = await Promise.all([
    open({ name: "Anna", language: "en" }),
    open({ name: "Boris", language: "en" }),
  ]);
  await Promise.all([anna.register(), boris.register()]);
  await anna.startChat(await boris.readCode());
  await anna.write("Before");
  await boris.comeBack();
  await boris.openChat("Anna");
  await boris.message("Before").waitFor();

  await server().stop();
  await anna.write("Meanwhile, one");
  await anna.write("Meanwhile, two");
  await anna.message("Meanwhile, one").getByRole("img", { name: "Sending" }).waitFor();
  await anna.page.getByText("Connecting…").waitFor();
  await expectNoBarriers(anna);
  await server().start();
  await boris.message("Meanwhile, two").waitFor();
  await anna.message("Meanwhile, two").getByRole("img", { name: "Read" }).waitFor();
  for (const person of [anna, boris]) {
    const texts = await person.page.getByRole("article").locator("[dir=auto]").allInnerTexts();
    const written = texts
      .map((text) => text.split("\n")[0]?.trim())
      .filter((text) => text && !/^(Anna|You)$/.test(text));
    expect(written.map((text) => text?.replace(/\s*\d\d:\d\d$/, ""))).toEqual([
      "Before",
      "Meanwhile, one",
      "Meanwhile, two",
    ]);
  }
  const history = await call<{ text: string }[]>(
    server().url,
    "GET",
    `/messages/history/${new URL(anna.page.url()).hash.split("/").at(-1)}`,
    {
      token: (await anna.page.evaluate(() => sessionStorage.getItem("windi.token"))) ?? undefined,
    },
  );
  expect(history.body.map(({ text }) => text)).toEqual(["Before", "Meanwhile, one", "Meanwhile, two"]);
});
