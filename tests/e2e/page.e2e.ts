import { expect } from "bun:test";
import { createPerson } from "../harness.ts";
import { expectNoBarriers, prepareJourneys } from "./journeys.ts";

const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };
const { server, open, journey } = prepareJourneys();

journey("a stranger is told beside each field what it needs, in their language", async () => {
  for (const [language, sentences] of [
    ["en", ["Enter a name of 1 to 128 characters.", /e-mail address such as/, /at least 8 characters/]],
    ["ru", ["Введите имя длиной от 1 до 128 символов.", /Введите адрес почты/, /не короче 8 символов/]],
  ] as const) {
    const stranger = await open({ name: "", language });
    const { page, words } = stranger;
    await page.goto("/");
    expect(await page.locator("html").getAttribute("lang")).toBe(language);
    await expectNoBarriers(stranger);
    await page.getByRole("button", { name: words.create }).click();
    await page.getByRole("form").getByRole("button", { name: words.create }).click();
    for (const [index, label] of [words.name, words.email, words.password].entries()) {
      const field = page.getByLabel(label, { exact: true });
      await page.getByText(sentences[index] as string | RegExp).waitFor();
      expect(await field.getAttribute("aria-invalid")).toBe("true");
    }
    expect(
      await page
        .getByLabel(words.name, { exact: true })
        .evaluate((field) => field === document.activeElement),
    ).toBe(true);
    await expectNoBarriers(stranger);
  }
});

journey("a wrong password and a taken address are told beside their fields", async () => {
  const anna = await open({ name: "Anna", language: "en" });
  const { page } = anna;
  await anna.register();
  await page.getByRole("button", { name: "Account: Anna" }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.getByLabel("E-mail").fill(anna.email);
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("form").getByRole("button", { name: "Sign in" }).click();
  await page.getByText("The address or the password is wrong.").waitFor();
  expect(await page.getByLabel("Password").getAttribute("aria-invalid")).toBe("true");

  await page.getByRole("button", { name: "Create an account" }).click();
  await page.getByLabel("Name").fill("Anna again");
  await page.getByLabel("E-mail").fill(anna.email.toUpperCase());
  await page.getByLabel("Password").fill("another password");
  await page.getByRole("form").getByRole("button", { name: "Create an account" }).click();
  await page.getByText("There is an account with this address already.").waitFor();
  expect(await page.getByLabel("E-mail").getAttribute("aria-invalid")).toBe("true");
});

journey("two people meet by code and chat, each in their language; typing and reading are seen", async () => {
  const [anna, boris] = await Promise.all([
    open({ name: "Anna", language: "en" }),
    open({ name: "Борис", language: "ru", colorScheme: "dark" }),
  ]);
  await Promise.all([anna.register(), boris.register()]);
  await expectNoBarriers(anna, boris);
  await anna.startChat(await boris.readCode());
  await anna.write("Hello, Boris");
  await anna.message("Hello, Boris").getByRole("img", { name: "Sent" }).waitFor();

  await boris.comeBack();
  const row = boris.page.getByRole("link", { name: /Anna.*1 непрочитанное сообщение/ });
  await row.waitFor();
  await expectNoBarriers(boris);
  await boris.openChat("Anna");
  await boris.message("Hello, Boris").waitFor();
  await anna.message("Hello, Boris").getByRole("img", { name: "Read" }).waitFor();

  await boris.composer.pressSequentially("Прив");
  await anna.page.getByText("typing…").first().waitFor();
  await boris.write("Привет, Анна");
  await anna.message("Привет, Анна").waitFor();
  await anna.page.getByText("typing…").first().waitFor({ state: "hidden" });
  await boris.message("Привет, Анна").getByRole("img", { name: "Прочитано" }).waitFor();
  await expectNoBarriers(anna, boris);
});

journey("the language can be chosen, is remembered, and keeps what was begun", async () => {
  const anna = await open({ name: "Anna", language: "en" });
  const { page } = anna;
  await anna.register();
  const other = await createPerson(server().url, "Clara");
  await anna.startChat(other.user.id);
  await anna.composer.fill("A draft");
  await page.getByRole("button", { name: "Account: Anna" }).click();
  await expectNoBarriers(anna);
  await page.getByLabel("Language").selectOption("ru");
  const composer = page.getByRole("textbox", { name: "Сообщение для: Clara" });
  expect(await composer.inputValue()).toBe("A draft");
  await page.reload();
  await composer.waitFor();
  expect(await page.locator("html").getAttribute("lang")).toBe("ru");
});

journey("a group: its creator adds and removes people, and deletes it", async () => {
  const [anna, boris] = await Promise.all([
    open({ name: "Anna", language: "en" }),
    open({ name: "Boris", language: "en" }),
  ]);
  await Promise.all([anna.register(), boris.register()]);
  const clara = await createPerson(server().url, "Clara");
  await anna.startChat(clara.user.id);

  const { page } = anna;
  const dialog = page.getByRole("dialog");
  await page.getByRole("button", { name: "New chat" }).click();
  await page.getByRole("button", { name: "New group" }).click();
  await dialog.getByRole("button", { name: "Create the group" }).click();
  await dialog.getByText("Enter a title of 1 to 100 characters.").waitFor();
  await dialog.getByLabel("Title").fill("Lake");
  await dialog.getByRole("checkbox", { name: "Clara" }).check();
  await dialog.getByLabel("Codes of other people").fill(await boris.readCode());
  await expectNoBarriers(anna);
  await dialog.getByRole("button", { name: "Create the group" }).click();
  await page.getByText("3 members").waitFor();
  await anna.write("Welcome");
  await boris.comeBack();
  await boris.openChat("Lake");
  await boris.message("Welcome").waitFor();

  await page.getByRole("button", { name: "Details" }).click();
  await dialog.getByRole("list", { name: "Members" }).waitFor();
  await expectNoBarriers(anna);
  await dialog.getByRole("button", { name: "Remove Boris from the group" }).click();
  await dialog.getByText("2 members").waitFor();
  await boris.comeBack();
  await boris.page.getByText("You are no longer in “Lake”.").waitFor();
  expect(await boris.page.getByRole("log").count()).toBe(0);

  await dialog.getByRole("button", { name: "Delete the group" }).click();
  await page.getByText("cannot be brought back").waitFor();
  await dialog.last().getByRole("button", { name: "Delete the group" }).click();
  await page.getByRole("link", { name: /Lake/ }).waitFor({ state: "detached" });
});

journey("on a phone one pane is shown at a time, and back leads to the list", async () => {
  const anna = await open({ name: "Anna", language: "ru", ...phone });
  const { page } = anna;
  await anna.register();
  const clara = await createPerson(server().url, "Clara");
  await expectNoBarriers(anna);
  await anna.startChat(clara.user.id);
  const list = page.getByRole("navigation", { name: "Чаты" });
  await list.waitFor({ state: "hidden" });
  await expectNoBarriers(anna);
  await anna.write("Привет");
  await page.getByRole("button", { name: "Назад к чатам" }).click();
  await list.waitFor();
  await expectNoBarriers(anna);
  await anna.openChat("Clara");
  await page.goBack();
  await list.waitFor();
  await page.goForward();
  await anna.message("Привет").waitFor();
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBe(360);
});

journey("everything can be done with the keyboard", async () => {
  const anna = await open({ name: "Anna", language: "en" });
  const { page } = anna;
  const clara = await createPerson(server().url, "Clara");
  await page.goto("/");
  const { keyboard } = page;
  const reach = async (name: string) => {
    for (let step = 0; step < 30; step++) {
      const focused = page.locator(":focus");
      if ((await focused.count()) > 0) {
        const label = await focused.evaluate(
          (element) =>
            element.getAttribute("aria-label") ??
            (element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : element.textContent),
        );
        if (label === name) return;
      }
      await keyboard.press("Tab");
    }
    throw new Error(`The keyboard does not reach ${name}`);
  };
  await reach("Create an account");
  await keyboard.press("Enter");
  await reach("Name");
  await keyboard.type("Anna");
  await reach("E-mail");
  await keyboard.type(anna.email);
  await reach("Password");
  await keyboard.type("correct horse");
  await keyboard.press("Enter");
  await page.getByRole("heading", { name: "Chats" }).waitFor();
  await reach("New chat");
  await keyboard.press("Enter");
  await keyboard.type(clara.user.id);
  await keyboard.press("Enter");
  await page.getByRole("log").waitFor();
  await keyboard.type("First line");
  await keyboard.press("Shift+Enter");
  await keyboard.type("second line");
  await keyboard.press("Enter");
  await anna.message("First line\nsecond line").getByRole("img", { name: "Sent" }).waitFor();
  await keyboard.press("Shift+Tab");
  await reach("Details");
  await keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await keyboard.press("Escape");
  expect(await page.locator(":focus").getAttribute("aria-label")).toBe("Details");
});

journey("markup in a name, a title or a text is text", async () => {
  const markup = `<img src=x onerror="window.stolen=1"><script>window.stolen=1</script>`;
  const anna = await open({ name: "Anna", language: "en" });
  const author = await createPerson(server().url, markup);
  const reader = await createPerson(server().url, "Reader");
  await author.call("POST", "/chats", { user_id: reader.user.id });
  const group = await author.call<{ id: string }>("POST", "/groups", {
    title: markup,
    member_ids: [reader.user.id],
  });
  await author.call("POST", `/chats/${group.body.id}/messages`, { text: `${markup} javascript:alert(1)` });
  await anna.arrive(reader.token);
  const { page } = anna;
  await page.getByRole("link", { name: /Group/ }).click();
  await anna.message(markup).waitFor();
  await page.getByRole("heading", { name: markup }).waitFor();
  await page.getByRole("button", { name: "Details" }).click();
  await page.getByRole("dialog").getByText(markup).first().waitFor();
  expect(await page.locator("img, #app script, dialog script").count()).toBe(0);
  expect(await page.evaluate(() => "stolen" in window)).toBe(false);
});
