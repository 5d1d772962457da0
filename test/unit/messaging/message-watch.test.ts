import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StreamLost } from '../../../src/kernel/stream-lost.js';
import { MessageWatch } from '../../../src/messaging/live/message-watch.js';
import type { Message } from '../../../src/messaging/message.js';

const message = (id: string, version: number): Message => Object.assign(Object.create(null), { id, version });

/** A store of versions, and a watch of it. */
function watched(messageId: string | null) {
  const versions = new Map<string, number>();
  let ended = 0;
  const watch = new MessageWatch({
    messageId,
    read: id => {
      const version = versions.get(id);
      return Promise.resolve(version === undefined ? null : message(id, version));
    },
    ended: () => void (ended += 1),
  });
  return {
    watch,
    ended: () => ended,
    change: (id: string, version: number) => {
      versions.set(id, version);
      watch.changed(id);
    },
    remove: (id: string) => {
      versions.delete(id);
      watch.changed(id);
    },
    set: (id: string, version: number) => void versions.set(id, version),
  };
}

describe('a watch of one message', () => {
  test('shows the present state first, then each later one', async () => {
    const { watch, set, change } = watched('a');
    set('a', 3);
    expect((await watch.next()).value).toMatchObject({ version: 3 });
    const next = watch.next();
    change('a', 4);
    expect((await next).value).toMatchObject({ version: 4 });
  });

  test('shows the last of several changes once', async () => {
    const { watch, set, change } = watched('a');
    set('a', 0);
    await watch.next();
    for (let version = 1; version <= 5; version += 1) change('a', version);
    expect((await watch.next()).value).toMatchObject({ version: 5 });
    const next = watch.next();
    change('a', 5);
    change('a', 6);
    expect((await next).value).toMatchObject({ version: 6 });
  });

  test('ends with the message', async () => {
    const { watch, set, remove, ended } = watched('a');
    set('a', 0);
    await watch.next();
    remove('a');
    expect(await watch.next()).toEqual({ done: true, value: undefined });
    expect(ended()).toBe(1);
  });

  test('notices by a look at the version what nobody told', async () => {
    const { watch, set } = watched('a');
    set('a', 0);
    await watch.next();
    watch.isAt(0);
    set('a', 1);
    watch.isAt(1);
    expect((await watch.next()).value).toMatchObject({ version: 1 });
  });
});

describe('a watch', () => {
  test('that is ended lets go whoever waits for it', async () => {
    const { watch, ended } = watched(null);
    const next = watch.next();
    await watch.return();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(ended()).toBe(1);
  });

  test('that falls twenty thousand messages behind is lost rather than kept for ever', async () => {
    const { watch, change } = watched(null);
    for (let index = 0; index <= 20_000; index += 1) change(`m${index}`, 1);
    await expect(watch.next()).rejects.toThrow(StreamLost);
  });

  test('shows the last state of every message, however changes and reading interleave', async () => {
    const steps = fc.array(fc.oneof(fc.constantFrom('a', 'b', 'c'), fc.constant('read' as const)), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(steps, async all => {
        const { watch, change } = watched(null);
        const versions = new Map<string, number>();
        const shown = new Map<string, number>();
        const pending = new Set<string>();
        const read = async (): Promise<void> => {
          const { value } = await watch.next();
          if (value === undefined) throw new Error('it ended');
          shown.set(value.id, value.version);
          pending.delete(value.id);
        };
        for (const step of all) {
          if (step === 'read') {
            if (pending.size > 0) await read();
            continue;
          }
          versions.set(step, (versions.get(step) ?? 0) + 1);
          pending.add(step);
          change(step, versions.get(step) ?? 0);
        }
        while (pending.size > 0) await read();
        expect(shown).toEqual(versions);
      }),
    );
  });
});
