import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

interface Answer<T> {
  readonly id: number;
  readonly result?: T;
  readonly failed?: string;
}

type Waiting = (answer: Answer<unknown>) => void;

/** A process of the bench's own that answers questions, in JSON over the IPC channel, several at a time. */
export class Child {
  private readonly waiting = new Map<number, Waiting>();
  private asked = 0;

  private constructor(
    private readonly name: string,
    private readonly child: ChildProcess,
  ) {
    child.on('message', message => {
      const answer: Answer<unknown> = JSON.parse(String(message));
      this.waiting.get(answer.id)?.(answer);
      this.waiting.delete(answer.id);
    });
    child.on('exit', () => {
      for (const [id, tell] of this.waiting) tell({ id, failed: 'it ended' });
    });
  }

  /** `script`: beside this file, without its ending. */
  static start(script: string): Child {
    const file = fileURLToPath(new URL(`./${script}.js`, import.meta.url));
    // Its own group: Ctrl-C reaches the bench, which ends it.
    return new Child(script, fork(file, { detached: true }));
  }

  async ask<T>(question: object): Promise<T> {
    this.asked += 1;
    const id = this.asked;
    const { promise, resolve } = Promise.withResolvers<Answer<T>>();
    this.waiting.set(id, answer => {
      // What a question is answered with stands beside it on both sides.
      const typed: Answer<T> = JSON.parse(JSON.stringify(answer));
      resolve(typed);
    });
    this.child.send(JSON.stringify({ id, question }));
    const { result, failed } = await promise;
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

/** The other side. Ends when the bench is gone. `Q` is what the bench asks. */
export function answerQuestions<Q>(answer: (question: Q) => unknown): void {
  const reply = (message: object): void => void process.send?.(JSON.stringify(message));
  process.on('message', message => {
    const { id, question }: { id: number; question: Q } = JSON.parse(String(message));
    Promise.resolve()
      .then(() => answer(question))
      .then(
        result => reply({ id, result: result ?? null }),
        (error: unknown) => reply({ id, failed: error instanceof Error ? error.message : String(error) }),
      );
  });
  process.on('disconnect', () => process.exit(0));
}
