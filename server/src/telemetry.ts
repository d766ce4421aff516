// Logs: JSON lines on standard output, without secrets.
import pino, { type DestinationStream, type Logger, type LoggerOptions } from "pino";

/** Wherever a field of this name turns up, its value stays out of the log. */
const secretFields = [
  "password",
  "token",
  "access_token",
  "authorization",
  "cookie",
  "secret",
  "password_hash",
];

export function createLog(level: string): Logger {
  const output = pino.destination({ fd: 1, sync: true });
  // Whoever reads the log may go away; the server stays.
  output.on("error", () => {});
  return createLogTo(output, level);
}

export function createLogTo(output: DestinationStream, level: string): Logger {
  const options: LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: secretFields.flatMap((field) => [field, `*.${field}`]), censor: "[hidden]" },
    serializers: { err: describeError },
  };
  return pino(options, output);
}

/**
 * An error without the values that it was about: a driver's error holds the statement's parameters, which are
 * people's messages.
 */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return typeof error;
  const { name, message, stack = "" } = error;
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  const place = stack.indexOf(message);
  return {
    name,
    code,
    // Drizzle writes the parameters into its message, after the statement; the stack begins with the message.
    message: message.split("\nparams: ", 1)[0],
    stack: place === -1 ? "" : stack.slice(place + message.length).trim(),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}
