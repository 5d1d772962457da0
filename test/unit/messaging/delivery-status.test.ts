import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  canMove,
  DELIVERY_STATUSES,
  type DeliveryStatus,
  statusesBefore,
} from '../../../src/messaging/delivery-status.js';

const status = fc.constantFrom(...DELIVERY_STATUSES);
const FINAL: readonly DeliveryStatus[] = ['DELIVERED', 'REFUSED', 'OPTED_OUT', 'CANCELLED'];
const PAID_BACK: ReadonlySet<DeliveryStatus> = new Set(['REFUSED', 'OPTED_OUT', 'CANCELLED']);
const WITH_THE_PROVIDER: ReadonlySet<DeliveryStatus> = new Set(['SENT', 'DELIVERED', 'UNDELIVERED', 'EXPIRED']);

/** Walks through statuses as asked; what the table does not allow is left out. */
function walk(from: DeliveryStatus, steps: readonly DeliveryStatus[]): DeliveryStatus[] {
  const path = [from];
  for (const to of steps) {
    const here = path.at(-1) ?? from;
    if (canMove(here, to)) path.push(to);
  }
  return path;
}

const walks = fc.tuple(status, fc.array(status, { maxLength: 40 })).map(([from, steps]) => walk(from, steps));

describe('a delivery moves only along its table', () => {
  test('the table says exactly this', () => {
    const moves = DELIVERY_STATUSES.flatMap(from =>
      DELIVERY_STATUSES.filter(to => canMove(from, to)).map(to => `${from} > ${to}`),
    );
    expect(moves.toSorted()).toEqual([
      'EXPIRED > DELIVERED',
      'SENT > CANCELLED',
      'SENT > DELIVERED',
      'SENT > EXPIRED',
      'SENT > UNDELIVERED',
      'UNCONFIRMED > DELIVERED',
      'UNCONFIRMED > REFUSED',
      'UNCONFIRMED > SENT',
      'UNCONFIRMED > UNDELIVERED',
      'UNCONFIRMED > WAITING',
      'UNDELIVERED > DELIVERED',
      'WAITING > CANCELLED',
      'WAITING > OPTED_OUT',
      'WAITING > REFUSED',
      'WAITING > SENT',
      'WAITING > UNCONFIRMED',
    ]);
  });

  test('no status leads to itself, so that the same news twice changes nothing', () => {
    expect(DELIVERY_STATUSES.filter(one => canMove(one, one))).toEqual([]);
  });

  test.each(FINAL)('%s is final', end => {
    expect(DELIVERY_STATUSES.filter(to => canMove(end, to))).toEqual([]);
  });

  test('whatever is delivered stays delivered, and what is not may still become so, once', () => {
    expect(canMove('UNDELIVERED', 'DELIVERED')).toBe(true);
    expect(canMove('EXPIRED', 'DELIVERED')).toBe(true);
    expect(canMove('DELIVERED', 'UNDELIVERED')).toBe(false);
  });

  test('the statuses before a status are those that may move to it', () => {
    fc.assert(
      fc.property(status, status, (from, to) => {
        expect(statusesBefore(to).includes(from)).toBe(canMove(from, to));
      }),
    );
  });

  test('once the provider has it, it never waits or doubts again, and is paid back only where it is called back', () => {
    fc.assert(
      fc.property(walks, path => {
        const taken = path.findIndex(one => WITH_THE_PROVIDER.has(one));
        const after = taken === -1 ? [] : path.slice(taken);
        const left = after.filter(one => !WITH_THE_PROVIDER.has(one));
        expect(left.length === 0 || (left.length === 1 && left[0] === 'CANCELLED')).toBe(true);
      }),
    );
  });

  test('it is paid back at most once, and nothing comes after', () => {
    fc.assert(
      fc.property(walks, path => {
        const paidBack = path.filter(one => PAID_BACK.has(one));
        expect(paidBack.length).toBeLessThanOrEqual(1);
        if (paidBack.length === 1) expect(path.at(-1)).toBe(paidBack[0]);
      }),
    );
  });

  test('only doubt leads back to waiting, so every other walk comes to an end', () => {
    fc.assert(
      fc.property(walks, path => {
        path.slice(1).forEach((to, index) => {
          if (to === 'WAITING') expect(path[index]).toBe('UNCONFIRMED');
        });
        const settled = path.filter(one => one !== 'WAITING' && one !== 'UNCONFIRMED');
        expect(settled.length).toBe(new Set(settled).size);
      }),
    );
  });
});
