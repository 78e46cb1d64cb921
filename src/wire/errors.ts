/**
 * Two errors, each saying what happens next. A SessionError ends the session and is sent as it is; an AttributeError
 * stays inside its UPDATE, and the attribute's row says what becomes of the routes (RFC 7606).
 */

/** A problem in a received UPDATE and what was done about it. Plain data: it goes into the journal and the API. */
export interface UpdateProblem {
  /** Attribute type code; 0 = the message as a whole or its NLRI. */
  attribute: number;
  action: 'treat-as-withdraw' | 'attribute-discard' | 'session-reset';
  /** Where it is written, e.g. `RFC 7606 §7.4`. */
  clause: string;
  /** Octet offset in the raw message. */
  offset: number;
  text: string;
}

const none = new Uint8Array(0);

/** An error that RFC 4271 §6 (or a successor) answers with a NOTIFICATION and the end of the session. */
export class SessionError extends Error {
  override readonly name = 'SessionError';
  readonly code: number;
  readonly subcode: number;
  /** The NOTIFICATION's Data field. */
  readonly data: Uint8Array;
  /** Where in an UPDATE it was found, when it was found in one. */
  readonly problem: UpdateProblem | undefined;

  constructor(code: number, subcode: number, text: string, data: Uint8Array = none, problem?: UpdateProblem) {
    super(text);
    this.code = code;
    this.subcode = subcode;
    this.data = data;
    this.problem = problem;
  }

  /** One sentence for people. */
  get text(): string {
    return this.message;
  }
}

/** A malformed path attribute; `offset` is where in the message, when that is more precise than its beginning. */
export class AttributeError extends Error {
  override readonly name = 'AttributeError';
}
