import { expect, test } from "bun:test";
import { daysBetween } from "./dates.ts";
import { chooseLanguage, createLanguage } from "./language.ts";

const english = createLanguage("en", ["en-GB"]);
const russian = createLanguage("ru", ["ru"]);
const noon = (day: number, month = 11) => new Date(2025, month - 1, day, 12, 30).getTime();

test("the first language that the page speaks is taken, whatever its region", () => {
  expect(chooseLanguage(["de-DE", "ru-RU", "en"])).toBe("ru");
  expect(chooseLanguage(["EN-us", "ru"])).toBe("en");
});

test("English is taken when the page speaks none of the languages", () => {
  expect(chooseLanguage(["de", "__proto__", ""])).toBe("en");
  expect(chooseLanguage([])).toBe("en");
});

test("Russian counts in its own plural forms", () => {
  expect([1, 2, 5, 11, 21].map((n) => russian.count("members", n))).toEqual([
    "1 участник",
    "2 участника",
    "5 участников",
    "11 участников",
    "21 участник",
  ]);
});

test("what is filled in is not filled again", () => {
  expect(english.say("delete_group_sure", { name: "{name}" })).toStartWith("Delete “{name}”?");
});

test("a right-to-left name is isolated from its sentence", () => {
  expect(english.say("typing_one", { name: "דנה" })).toBe("\u2068דנה\u2069 is typing…");
});

test("days have names while they are near", () => {
  const { day } = english.dates;
  expect(day(noon(22), noon(22))).toBe("Today");
  expect(day(noon(21), noon(22))).toBe("Yesterday");
  expect(day(noon(12), noon(22))).toBe("12 November");
  expect(russian.dates.day(noon(22), noon(22))).toBe("Сегодня");
  expect(day(new Date(2024, 10, 12).getTime(), noon(22))).toBe("12 November 2024");
});

test("days are counted by the calendar, not by 24 hours", () => {
  expect(daysBetween(new Date(2025, 10, 21, 23, 59).getTime(), new Date(2025, 10, 22, 0, 1).getTime())).toBe(
    1,
  );
});

test("a wait is told in seconds or minutes", () => {
  expect(english.dates.inSeconds(20)).toBe("in 20 seconds");
  expect(russian.dates.inSeconds(61)).toBe("через 2 минуты");
});
