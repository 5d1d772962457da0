import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type {
  BulkOutcome,
  OutgoingBulk,
  OutgoingSms,
  ProviderCredential,
  SendOutcome,
  SmsProvider,
} from '../../src/providers/index.js';

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
  /** The same for a bulk call of three. */
  arrangeBulk(situation: Situation): OutgoingBulk;
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

/** A bulk call goes out to the rest when one of its numbers is refused. */
const BULK_SITUATIONS: Record<Situation, BulkOutcome['status']> = {
  ...SITUATIONS,
  'refuses the second recipient': 'accepted',
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

    describeBulk(() => world);
    describeQuestions(() => world);

    test('the provider has the plain name that is stored with its attempts', () => {
      expect(world.provider.name).toMatch(/^[a-z]+$/);
    });
  });
}

function describeBulk(worldOf: () => ContractWorld): void {
  const sendBulk = async (situation: Situation, signal = new AbortController().signal) => {
    const world = worldOf();
    const { provider, credential } = world;
    const bulk = world.arrangeBulk(situation);
    return { bulk, outcome: await provider.sendBulk(bulk, credential, { signal, mayStart: () => true }) };
  };

  test.each(Object.keys(BULK_SITUATIONS).filter(isSituation))(
    'when the other side %s a bulk call, the outcome says so and gives nothing away',
    async situation => {
      const { bulk, outcome } = await sendBulk(situation);
      expect(outcome.status).toBe(BULK_SITUATIONS[situation]);
      for (const message of bulk.messages) expectNothingGivenAway(outcome, message, worldOf().credential);
    },
  );

  test('an accepted bulk call carries one id for all, the parts of all and their exact cost', async () => {
    const { outcome } = await sendBulk('accepts');
    expect(outcome).toEqual({
      status: 'accepted',
      providerMessageId: expect.stringMatching(/^[1-9]\d*$/),
      parts: expect.any(Number),
      cost: expect.stringMatching(/^\d+(\.\d+)?$/),
      currency: 'EUR',
      refused: [],
      unmentioned: [],
    });
  });

  test('a bulk call names the number that was refused as it was given, and the rest has gone', async () => {
    const { bulk, outcome } = await sendBulk('refuses the second recipient');
    expect(bulk.messages).toHaveLength(3);
    expect(outcome).toMatchObject({
      refused: [{ phoneNumber: bulk.messages[1]?.phoneNumber, code: expect.stringMatching(/^\d+$/) }],
      unmentioned: [],
    });
  });

  test('a bulk call aborted before it starts was not sent', async () => {
    const { outcome } = await sendBulk('accepts', AbortSignal.abort());
    expect(outcome).toMatchObject({ status: 'not-sent', cause: 'unreachable' });
  });
}

function describeQuestions(worldOf: () => ContractWorld): void {
  const call = { signal: new AbortController().signal, mayStart: () => true };

  test('what has gone is found by its tag, all of it, and its state can be asked for', async () => {
    const world = worldOf();
    const { provider, credential } = world;
    const bulk = world.arrangeBulk('accepts');
    const outcome = await provider.sendBulk(bulk, credential, call);
    const providerMessageId = outcome.status === 'accepted' ? outcome.providerMessageId : '';
    const numbers = bulk.messages.map(({ phoneNumber }) => phoneNumber);
    const found = await provider.findByTag(bulk.tag, credential);
    expect(found).toMatchObject({ value: numbers.map(phoneNumber => ({ phoneNumber })) });
    const stranger = { providerMessageId, phoneNumber: '+33611112222' };
    const asked = [...numbers.map(phoneNumber => ({ providerMessageId, phoneNumber })), stranger];
    const status: unknown = expect.stringMatching(/^(delivered|undelivered|waiting)$/);
    expect(await provider.statuses(asked, credential)).toMatchObject({
      status: 'answered',
      value: [
        ...numbers.map(phoneNumber => ({ providerMessageId, phoneNumber, status })),
        { ...stranger, status: 'not-found' },
      ],
    });
  });

  test('a tag under which nothing has gone is known to be so, also when the call was left open', async () => {
    const world = worldOf();
    const { provider, credential } = world;
    const sms = world.arrange('leaves it open');
    await provider.send(sms, credential, call);
    expect(await provider.findByTag(sms.tag, credential)).toEqual({ status: 'answered', value: [] });
    expect(await provider.findByTag('a0b1c2d3e4f5g6h7', credential)).toEqual({ status: 'answered', value: [] });
  });

  test('what it does not know it does not cancel', async () => {
    const { provider, credential } = worldOf();
    expect(await provider.cancel('4', credential)).toEqual({ status: 'answered', value: 'not-found' });
  });

  test('the account has an exact balance', async () => {
    const { provider, credential } = worldOf();
    expect(await provider.account(credential)).toEqual({
      status: 'answered',
      value: { balance: expect.stringMatching(/^-?\d+(\.\d+)?$/), currency: 'EUR' },
    });
  });

  test('a number comes on the STOP list once, is listed, and can be taken off once', async () => {
    const { provider, credential } = worldOf();
    expect(await provider.optOuts(credential)).toEqual({ status: 'answered', value: [] });
    const added = await provider.addOptOut('+33612345678', credential);
    const id = added.status === 'answered' ? added.value : null;
    expect(await provider.optOuts(credential)).toEqual({
      status: 'answered',
      value: [{ id: expect.stringMatching(/^[1-9]\d*$/), phoneNumber: '+33612345678' }],
    });
    expect(await provider.optOuts(credential)).toMatchObject({ value: [{ id }] });
    expect(await provider.addOptOut('+33612345678', credential)).toEqual({ status: 'answered', value: null });
    expect(await provider.removeOptOut(id ?? '', credential)).toEqual({ status: 'answered', value: true });
    expect(await provider.removeOptOut(id ?? '', credential)).toEqual({ status: 'answered', value: false });
    expect(await provider.optOuts(credential)).toEqual({ status: 'answered', value: [] });
  });

  test('without a credential there is an answer as well, and never an exception', async () => {
    const world = worldOf();
    const { provider } = world;
    const answers = await Promise.all([
      provider.send(world.arrange('accepts'), null, call),
      provider.sendBulk(world.arrangeBulk('accepts'), null, call),
      provider.account(null),
      provider.statuses([{ providerMessageId: 'none', phoneNumber: '' }], null),
      provider.findByTag('tag & tag?', null),
      provider.cancel('', null),
      provider.optOuts(null),
      provider.addOptOut('', null),
      provider.removeOptOut('', null),
    ]);
    for (const { status } of answers) expect(status).toMatch(/^(accepted|blocked|answered|no-answer)$/);
  });
}

/** `reason` is for people and is stored: no phone number, no text, no key. */
export function expectNothingGivenAway(
  outcome: SendOutcome | BulkOutcome,
  sms: Pick<OutgoingSms, 'text'>,
  credential: ProviderCredential,
): void {
  const refused = outcome.status === 'refused' ? (outcome.recipients ?? []) : [];
  const ofSome = 'refused' in outcome ? outcome.refused : [];
  const shown = outcome.status === 'accepted' ? ofSome : [outcome, ...refused];
  for (const { reason } of shown) expectFitToBeShown(reason, sms, credential);
}

export function expectFitToBeShown(
  reason: string,
  sms: Pick<OutgoingSms, 'text'>,
  credential: ProviderCredential,
): void {
  expect(reason).toMatch(/\S/);
  expect(reason).not.toMatch(/(?:\d[^\p{L}]{0,3}){4,}/u);
  expect(reason).not.toContain(sms.text);
  expect(reason).not.toContain(credential.apiKey);
}
