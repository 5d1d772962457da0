import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

interface Answer<T> {
  readonly result?: T;
  readonly failed?: string;
}

/** A process of the bench's own that answers questions, several at a time: "<number> <JSON>" both ways over the IPC channel. */
export class Child {
  private readonly waiting = new Map<string, (answer: string) => void>();
  private asked = 0;

  private constructor(
    private readonly name: string,
    private readonly child: ChildProcess,
  ) {
    child.on('message', message => {
      const { number, json } = taken(message);
      this.waiting.get(number)?.(json);
      this.waiting.delete(number);
    });
    child.on('exit', () => {
      for (const tell of this.waiting.values()) tell('{"failed":"it ended"}');
    });
  }

  /** `script`: beside this file, without its ending. */
  static start(script: string): Child {
    const file = fileURLToPath(new URL(`./${script}.js`, import.meta.url));
    // Its own group: Ctrl-C reaches the bench, which ends it.
    return new Child(script, fork(file, { detached: true }));
  }

  /** `T` is what the other side answers this with. */
  async ask<T>(question: object): Promise<T> {
    this.asked += 1;
    const number = String(this.asked);
    const { promise, resolve } = Promise.withResolvers<string>();
    this.waiting.set(number, resolve);
    this.child.send(`${number} ${JSON.stringify(question)}`);
    const { result, failed }: Answer<T> = JSON.parse(await promise);
    if (failed !== undefined || result === undefined) throw new Error(`${this.name}: ${failed ?? 'no answer'}`);
    return result;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }
}

/** The other side: `answer` is given the question's JSON. Ends when the bench is gone. */
export function answerQuestions(answer: (json: string) => unknown): void {
  process.on('message', message => {
    const { number, json } = taken(message);
    Promise.resolve()
      .then(() => answer(json))
      .then(
        result => reply(number, { result: result ?? null }),
        (error: unknown) => reply(number, { failed: error instanceof Error ? error.message : String(error) }),
      );
  });
  process.on('disconnect', () => process.exit(0));
}

const reply = (number: string, answer: Answer<unknown>): void =>
  void process.send?.(`${number} ${JSON.stringify(answer)}`);

function taken(message: unknown): { readonly number: string; readonly json: string } {
  if (typeof message !== 'string') throw new Error('a message that is no text');
  const end = message.indexOf(' ');
  return { number: message.slice(0, end), json: message.slice(end + 1) };
}
