// How a rule refuses: it throws a Failure with a code of the contract, and the edge turns that into an answer.
import { errors, type ErrorCode, type FieldError } from "@windi/protocol";

interface FailureOptions {
  /** What to say instead of the code's default sentence. */
  detail?: string;
  /** What is wrong with which field; only for `invalid_request`. */
  fields?: FieldError[];
  /** When a retry makes sense. */
  retryAfterSeconds?: number;
  cause?: unknown;
}

export class Failure extends Error {
  override readonly name = "Failure";
  readonly code: ErrorCode;
  readonly fields: FieldError[] | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, options: FailureOptions = {}) {
    super(options.detail ?? errors[code].detail, { cause: options.cause });
    this.code = code;
    this.fields = options.fields;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  get status(): number {
    return errors[this.code].status;
  }
}
