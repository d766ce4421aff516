// The frame of a browser test file: a server, a browser, journeys of people, and what every journey must not leave behind.
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import { findBarriers, launchBrowser } from "./browser.ts";
import { startServerProcess, type ServerProcess } from "./server-process.ts";
import { openPerson, type PersonOnPage, type PersonOptions } from "./steps.ts";

const timeoutMs = 120_000;

/** Starts a server and a browser before the tests of the calling file, and stops them after. */
export function prepareJourneys() {
  let server: ServerProcess;
  let browser: Browser;
  const people: PersonOnPage[] = [];

  beforeAll(async () => {
    [server, browser] = await Promise.all([startServerProcess(), launchBrowser()]);
  }, timeoutMs);

  afterAll(async () => {
    await browser.close();
    await server[Symbol.asyncDispose]();
  });

  return {
    server: () => server,

    /** A person with a page of their own, for this journey. */
    async open(options: PersonOptions): Promise<PersonOnPage> {
      const person = await openPerson(browser, server.url, options);
      people.push(person);
      return person;
    },

    /** A journey; whatever its people's pages did that no page may do fails it. */
    journey(title: string, run: () => Promise<void>): void {
      test(
        title,
        async () => {
          try {
            await run();
            const offences = await Promise.all(people.map((person) => person.findOffences()));
            expect(offences.flat()).toEqual([]);
          } finally {
            await Promise.all(people.splice(0).map((person) => person.close()));
          }
        },
        timeoutMs,
      );
    },
  };
}

/** Nothing on these pages, as they are now, stands in the way of anyone. */
export async function expectNoBarriers(...visited: PersonOnPage[]): Promise<void> {
  for (const { page } of visited) expect(await findBarriers(page)).toEqual([]);
}
