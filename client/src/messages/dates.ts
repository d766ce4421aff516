// Dates and times as the language writes them.

const dayMs = 86_400_000;

export interface Dates {
  /** `14:05` */
  time: (at: number) => string;
  /** `Today`, `Yesterday`, `12 November`, with the year when it is another one. */
  day: (at: number, now: number) => string;
  /** For a row of a list: the time today, the weekday this week, else the date. */
  short: (at: number, now: number) => string;
  /** Date and time in full. */
  full: (at: number) => string;
  /** `in 5 minutes` */
  inSeconds: (seconds: number) => string;
}

/** Whole days from one local date to another. */
export function daysBetween(from: number, to: number): number {
  const midnight = (at: number) => {
    const date = new Date(at);
    return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  };
  return Math.round((midnight(to) - midnight(from)) / dayMs);
}

export function createDates(locale: string): Dates {
  const time = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
  const date = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long" });
  const dateOfYear = new Intl.DateTimeFormat(locale, {
    day: "numeric",
    month: "long",
    year: "numeric",
  });
  const weekday = new Intl.DateTimeFormat(locale, { weekday: "short" });
  const numeric = new Intl.DateTimeFormat(locale, {
    day: "2-digit",
    month: "2-digit",
    year: "2-digit",
  });
  const full = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeStyle: "short" });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const capitalise = (text: string) => text.charAt(0).toLocaleUpperCase(locale) + text.slice(1);

  return {
    time: (at) => time.format(at),
    day(at, now) {
      const days = daysBetween(at, now);
      if (days === 0 || days === 1) return capitalise(relative.format(-days, "day"));
      const isThisYear = new Date(at).getFullYear() === new Date(now).getFullYear();
      return (isThisYear ? date : dateOfYear).format(at);
    },
    short(at, now) {
      const days = daysBetween(at, now);
      if (days <= 0) return time.format(at);
      return days < 7 ? weekday.format(at) : numeric.format(at);
    },
    full: (at) => full.format(at),
    inSeconds: (seconds) =>
      seconds < 60
        ? relative.format(Math.max(1, Math.ceil(seconds)), "second")
        : relative.format(Math.ceil(seconds / 60), "minute"),
  };
}
