/** A sentence with two wordings: on the page "Envoi unitaire", the errors in JSON have lost accents that those in XML have. */
export class Worded {
  constructor(
    readonly json: string,
    readonly xml: string,
  ) {}
}

export type Sentence = string | Worded;

export type Value = Sentence | number | boolean | readonly Value[] | { readonly [key: string]: Value };

/** The order of the keys is part of the protocol: in XML there is nothing else to tell the entries apart. */
export interface Body {
  readonly success: boolean;
  readonly code: number;
  readonly [key: string]: Value;
}

export interface Answer {
  /** HTTP. */
  readonly status: number;
  readonly body: Body;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Format = 'json' | 'xml';

export const success = (fields: Readonly<Record<string, Value>>): Answer => ({
  status: 200,
  body: { success: true, code: 200, ...fields },
});

/** The vendor answers what it refuses with HTTP 400, whatever the code. */
export const refusal = (code: number, message: Sentence, status = 400): Answer => ({
  status,
  body: { success: false, code, message },
});

/** `{…first, …then}` for keys that are there or not: what is null is left out, and the order stays. */
export const present = (fields: Readonly<Record<string, Value | null>>): Readonly<Record<string, Value>> =>
  Object.fromEntries(Object.entries(fields).flatMap(([key, value]) => (value === null ? [] : [[key, value]])));

/** Adds one sentence's tail to both of its wordings. */
export const withTail = (sentence: Sentence, tail: string): Sentence =>
  sentence instanceof Worded ? new Worded(sentence.json + tail, sentence.xml + tail) : sentence + tail;
