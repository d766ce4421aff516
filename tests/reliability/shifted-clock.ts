// Loaded before a server process (bun --preload): its clock is ahead by CLOCK_AHEAD_SECONDS, which may be negative.
export const aheadMs = Number(process.env["CLOCK_AHEAD_SECONDS"] ?? 0) * 1000;
const RealDate = Date;

class ShiftedDate extends RealDate {
  constructor(...given: ConstructorParameters<typeof Date> | []) {
    // TypeScript knows no spread into an overloaded constructor.
    if (given.length === 0) super(RealDate.now() + aheadMs);
    else super(...(given as [number]));
  }
  static override now(): number {
    return RealDate.now() + aheadMs;
  }
}
globalThis.Date = ShiftedDate as DateConstructor;
