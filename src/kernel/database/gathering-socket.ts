import { Socket } from 'node:net';

type Written = (error?: Error | null) => void;

/**
 * Writes whatever one turn of the event loop has to say in one call to the system: several statements of a transaction, which
 * pg writes one by one. (Accepting SMS, writes to PostgreSQL were half of what the process did.)
 */
export class GatheringSocket extends Socket {
  private gathering = false;

  /** pg holds each statement's parts back with this. */
  override cork(): void {
    this.gather();
    super.cork();
  }

  override write(chunk: Uint8Array | string, encoding?: BufferEncoding | Written, written?: Written): boolean {
    this.gather();
    return typeof encoding === 'function' ? super.write(chunk, encoding) : super.write(chunk, encoding, written);
  }

  private gather(): void {
    if (this.gathering || this.connecting) return;
    this.gathering = true;
    super.cork();
    process.nextTick(() => {
      this.gathering = false;
      this.uncork();
    });
  }
}
