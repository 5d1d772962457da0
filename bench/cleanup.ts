/** What was started ends, whatever happens: the last first, once. */
export class Cleanup {
  private readonly ends: (() => Promise<void>)[] = [];
  private running: Promise<void> | null = null;

  add(end: () => Promise<void>): void {
    this.ends.push(end);
  }

  /** Does the rest where one fails. */
  run(): Promise<void> {
    this.running ??= this.runAll();
    return this.running;
  }

  private async runAll(): Promise<void> {
    for (const end of this.ends.toReversed()) {
      await end().catch((error: unknown) => process.stderr.write(`not cleaned up: ${String(error)}\n`));
    }
  }
}
