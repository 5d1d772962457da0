import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { OutgoingSms, ProviderCredential, SendOutcome, SmsProvider } from '../../src/providers/index.js';

/** What an adapter's other side can be made to do. */
export type Situation =
  | 'accepts'
  | 'refuses the call'
  | 'refuses the second recipient'
  | 'turns the call away'
  | 'blocks the account'
  | 'has quiet hours'
  | 'leaves it open';

export interface ContractWorld {
  readonly provider: SmsProvider;
  readonly credential: ProviderCredential;
  /** Brings the other side into a situation and says what to send to meet it. "refuses the second recipient" has three. */
  arrange(situation: Situation): OutgoingSms;
  close(): Promise<void>;
}

const SITUATIONS: Record<Situation, SendOutcome['status']> = {
  accepts: 'accepted',
  'refuses the call': 'refused',
  'refuses the second recipient': 'refused',
  'turns the call away': 'not-sent',
  'blocks the account': 'blocked',
  'has quiet hours': 'outside-hours',
  'leaves it open': 'unknown',
};

const isSituation = (value: string): value is Situation => Object.hasOwn(SITUATIONS, value);

/** What dispatching relies on, whoever the provider is. Every adapter passes it. */
export function describeProviderContract(name: string, setUp: () => Promise<ContractWorld>): void {
  describe(`the provider contract: ${name}`, () => {
    let world: ContractWorld;
    beforeEach(async () => {
      world = await setUp();
    });
    afterEach(async () => {
      await world.close();
    });

    const send = async (situation: Situation, signal = new AbortController().signal) => {
      const sms = world.arrange(situation);
      return { sms, outcome: await world.provider.send(sms, world.credential, { signal, mayStart: () => true }) };
    };

    test.each(Object.keys(SITUATIONS).filter(isSituation))(
      'when the other side %s, the outcome says so and gives nothing away',
      async situation => {
        const { sms, outcome } = await send(situation);
        expect(outcome.status).toBe(SITUATIONS[situation]);
        expectNothingGivenAway(outcome, sms, world.credential);
      },
    );

    test('accepted carries the id, the parts and an exact cost', async () => {
      const { outcome } = await send('accepts');
      expect(outcome).toEqual({
        status: 'accepted',
        providerMessageId: expect.stringMatching(/^[1-9]\d*$/),
        parts: expect.any(Number),
        cost: expect.stringMatching(/^\d+(\.\d+)?$/),
        currency: 'EUR',
      });
    });

    test('a call refused as a whole names nobody', async () => {
      const { outcome } = await send('refuses the call');
      expect(outcome).toMatchObject({ code: expect.stringMatching(/\S/), recipients: null });
    });

    test('a call refused for one recipient names that one as it was given, so that the rest can go', async () => {
      const { sms, outcome } = await send('refuses the second recipient');
      expect(sms.recipients).toHaveLength(3);
      expect(outcome).toMatchObject({ recipients: [{ phoneNumber: sms.recipients[1] }] });
    });

    test('what is turned away says whether to wait', async () => {
      const { outcome } = await send('turns the call away');
      const wait = outcome.status === 'not-sent' ? outcome.retryAfterMs : -1;
      expect(wait ?? 0).toBeGreaterThanOrEqual(0);
    });

    test('a call aborted before it starts was not sent', async () => {
      const { outcome } = await send('accepts', AbortSignal.abort());
      expect(outcome).toMatchObject({ status: 'not-sent', cause: 'unreachable' });
    });

    test('the provider has the plain name that is stored with its attempts', () => {
      expect(world.provider.name).toMatch(/^[a-z]+$/);
    });
  });
}

/** `reason` is for people and is stored: no phone number, no text, no key. */
export function expectNothingGivenAway(outcome: SendOutcome, sms: OutgoingSms, credential: ProviderCredential): void {
  const refused = outcome.status === 'refused' ? (outcome.recipients ?? []) : [];
  const shown = outcome.status === 'accepted' ? [] : [outcome, ...refused].map(({ reason }) => reason);
  for (const reason of shown) {
    expect(reason).toMatch(/\S/);
    expect(reason).not.toMatch(/(?:\d[^\p{L}]{0,3}){4,}/u);
    expect(reason).not.toContain(sms.text);
    expect(reason).not.toContain(credential.apiKey);
  }
}
