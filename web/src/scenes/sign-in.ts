// What a stranger sees first: signing in, or making an account.
import type { FieldError } from "@windi/protocol";
import type { SentenceKey } from "../messages/catalogue.ts";
import type { Language, LanguageCode } from "../messages/language.ts";
import { h } from "../parts/dom.ts";
import { describeFailure } from "../parts/failure-text.ts";
import { createField, type Field } from "../parts/field.ts";
import { createForm } from "../parts/form.ts";
import { icon } from "../parts/icons.ts";
import { ApiError, type Api } from "../wire/api.ts";
import { createLanguageSwitch } from "./language-switch.ts";

export type SignInMode = "sign_in" | "register";

interface SignInNeeds {
  language: Language;
  api: Pick<Api, "login" | "register">;
  mode: SignInMode;
  /** Why the person is here, when it was not their wish. */
  notice: SentenceKey | undefined;
  onSignedIn: (token: string) => void;
  onMode: (mode: SignInMode) => void;
  chooseLanguage: (code: LanguageCode) => void;
}

type FieldName = "name" | "email" | "password";

export function createSignIn(needs: SignInNeeds): HTMLElement {
  const { language, api, mode } = needs;
  const isNew = mode === "register";
  const name = createField({
    id: "name",
    label: language.say("name"),
    attributes: { autocomplete: "name", dir: "auto" },
  });
  const email = createField({
    id: "email",
    label: language.say("email"),
    attributes: { type: "email", autocomplete: "username", inputmode: "email" },
  });
  const password = createField({
    id: "password",
    label: language.say("password"),
    ...(isNew ? { hint: language.say("password_hint") } : {}),
    attributes: { type: "password", autocomplete: isNew ? "new-password" : "current-password" },
  });
  const fields: Record<FieldName, Field> = { name, email, password };

  const sentences: Record<FieldName, SentenceKey> = {
    name: "field_name",
    email: "field_email",
    password: isNew ? "field_password" : "field_password_missing",
  };

  /** The account that is made already, when only signing in to it failed. */
  let registered: string | undefined;

  function showFieldErrors(errors: FieldError[]): boolean {
    const named = errors
      .map((error) => error.loc.at(-1))
      .filter((field) => typeof field === "string" && field in fields);
    for (const field of named as FieldName[]) fields[field].setError(language.say(sentences[field]));
    return named.length > 0;
  }

  async function submit(): Promise<string | undefined> {
    const account = { email: email.input.value.trim(), password: password.input.value };
    for (const field of Object.values(fields)) field.setError(undefined);
    // The server takes any text as an address here, and answers that it is wrong; missing is the better word.
    const missing = (["email", "password"] as const).filter((field) => !isNew && account[field] === "");
    if (showFieldErrors(missing.map((field) => ({ loc: [field], msg: "", type: "missing" }))))
      return undefined;
    try {
      if (isNew && registered !== account.email) {
        await api.register({ name: name.input.value.trim(), ...account });
        registered = account.email;
      }
      const { access_token } = await api.login(account);
      needs.onSignedIn(access_token);
    } catch (error) {
      if (error instanceof ApiError) {
        if (error.code === "invalid_request" && showFieldErrors(error.fields)) return undefined;
        const place =
          error.code === "user_exists" ? email : error.code === "invalid_credentials" ? password : undefined;
        place?.setError(describeFailure(language, error));
        if (place) return undefined;
      }
      return describeFailure(language, error);
    }
    return undefined;
  }

  const title = language.say(mode);
  return h(
    "main",
    { class: "sign-in" },
    h(
      "div",
      { class: "sign-in-column" },
      h("p", { class: "brand" }, icon("chat"), language.say("app")),
      h("p", { class: "tagline" }, language.say("tagline")),
      needs.notice !== undefined &&
        h("p", { class: "sign-in-notice", role: "alert" }, language.say(needs.notice)),
      h("h1", {}, title),
      createForm(
        { label: title, action: title, submit },
        ...(isNew ? [name.element] : []),
        email.element,
        password.element,
      ),
      h(
        "p",
        { class: "sign-in-other" },
        language.say(isNew ? "have_account" : "no_account"),
        " ",
        h(
          "button",
          {
            type: "button",
            class: "link",
            onclick: () => needs.onMode(isNew ? "sign_in" : "register"),
          },
          language.say(isNew ? "sign_in" : "register"),
        ),
      ),
      createLanguageSwitch({ language, choose: needs.chooseLanguage }),
    ),
  );
}
