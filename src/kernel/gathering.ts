/** How one item of several that were worked on together ended. */
export type Ended<R> = { readonly ok: true; readonly value: R } | { readonly ok: false; readonly error: unknown };

interface Waiting<T, R> {
  readonly item: T;
  readonly size: number;
  readonly settle: PromiseWithResolvers<R>;
}

interface Terms<K, T, R> {
  /** Ends each item for itself, in their order. */
  readonly work: (key: K, items: readonly T[]) => Promise<readonly Ended<R>[]>;
  /**
   * Whether what `work` threw may be the fault of one of several items: then each is worked on alone. Else it is thrown to all
   * of them.
   */
  readonly mayBeOnes: (error: unknown) => boolean;
  readonly sizeOf: (item: T) => number;
  /** Of the items worked on together; a larger one goes alone. */
  readonly most: number;
  /** Whether an item may go together with these; it waits for them otherwise. */
  readonly fits: (item: T, together: readonly T[]) => boolean;
  /**
   * Who was answered together asks again together: after a load of several, the next waits for as many to come, at most so
   * long. Without it a busy key's callers fall into two halves, each waiting for the other's load.
   */
  readonly regatherMs?: number;
}

interface Regathering {
  readonly most: number;
  readonly complete: () => void;
}

/**
 * Works on items of the same key one load after the other: what comes while a load is under way waits and then goes together.
 * Alone, an item goes at once; under pressure, many share what a load costs.
 */
export class Gathering<K, T, R> {
  private readonly queues = new Map<K, Waiting<T, R>[]>();
  private readonly regathering = new Map<K, Regathering>();

  constructor(private readonly terms: Terms<K, T, R>) {}

  add(key: K, item: T): Promise<R> {
    const settle = Promise.withResolvers<R>();
    const waiting = { item, size: this.terms.sizeOf(item), settle };
    const queue = this.queues.get(key);
    if (queue === undefined) {
      this.queues.set(key, [waiting]);
      void this.workOff(key);
    } else {
      queue.push(waiting);
      const regathering = this.regathering.get(key);
      if (regathering !== undefined && queue.length >= regathering.most) regathering.complete();
    }
    return settle.promise;
  }

  private async workOff(key: K): Promise<void> {
    // What arrives in the same turn of the event loop goes along with the first.
    await Promise.resolve();
    for (let queue = this.queues.get(key) ?? []; queue.length > 0; queue = this.queues.get(key) ?? []) {
      const load = this.load(key, queue);
      await this.workOn(key, load);
      if (load.length > 1) await this.regather(key, load.length);
    }
    this.queues.delete(key);
  }

  private async regather(key: K, answered: number): Promise<void> {
    const { regatherMs } = this.terms;
    if (regatherMs === undefined) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const enough = setTimeout(resolve, regatherMs);
    const waiting = this.queues.get(key)?.length ?? 0;
    this.regathering.set(key, { most: waiting + answered, complete: resolve });
    await promise;
    this.regathering.delete(key);
    clearTimeout(enough);
  }

  /** From the head of the queue, up to the first that does not fit. */
  private load(key: K, queue: readonly Waiting<T, R>[]): readonly Waiting<T, R>[] {
    const { most, fits } = this.terms;
    const items: T[] = [];
    let size = 0;
    for (const waiting of queue) {
      if (items.length > 0 && (size + waiting.size > most || !fits(waiting.item, items))) break;
      items.push(waiting.item);
      size += waiting.size;
    }
    this.queues.set(key, queue.slice(items.length));
    return queue.slice(0, items.length);
  }

  private async workOn(key: K, load: readonly Waiting<T, R>[]): Promise<void> {
    try {
      const ends = await this.terms.work(
        key,
        load.map(({ item }) => item),
      );
      for (const [index, { settle }] of load.entries()) {
        const end = ends[index];
        if (end?.ok === true) settle.resolve(end.value);
        else settle.reject(end?.error ?? new Error('an item was left out'));
      }
    } catch (error) {
      if (load.length > 1 && this.terms.mayBeOnes(error)) for (const waiting of load) await this.workOn(key, [waiting]);
      else for (const { settle } of load) settle.reject(error);
    }
  }
}
