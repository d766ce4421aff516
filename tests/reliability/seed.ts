// The seed of a test's choices: printed, so that a test that failed can be run again as it was.

/** The number in WINDI_SEED, else another one each time. */
export function takeSeed(): number {
  const seed = Number(process.env["WINDI_SEED"] ?? Date.now() % 100_000);
  console.log(`WINDI_SEED=${seed}`);
  return seed;
}
