import { SimulatorProvider, SmsPartnerProvider } from '../../../src/providers/index.js';
import type { OutgoingSms } from '../../../src/providers/index.js';
import { describeProviderContract } from '../../support/provider-contract.js';
import type { ContractWorld, Situation } from '../../support/provider-contract.js';
import { sampleSms } from '../../support/sample-sms.js';
import { ACCEPTED, SmsPartnerStub, answerJson } from '../../support/smspartner-stub.js';
import type { Reaction } from '../../support/smspartner-stub.js';
import { sampleBulk } from './sample-bulk.js';
import { SmsPartnerImitation } from './smspartner-imitation.js';

const CREDENTIAL = { apiKey: '6f1d2c3b4a5968778695a4b3c2d1e0f9' };
const THREE = ['+33612345678', '+33698765432', '+33655443322'];

const REACTIONS: Record<Exclude<Situation, 'accepts'>, (sms: OutgoingSms) => Reaction> = {
  'refuses the call': sms =>
    answerJson(400, {
      success: false,
      code: 9,
      errors: [
        {
          elementId: 'children[message].data',
          message: `Le message "${sms.text}" de ${CREDENTIAL.apiKey} au 06 12 34 56 78 est invalide`,
        },
      ],
    }),
  'refuses the second recipient': sms =>
    answerJson(400, {
      success: false,
      code: 55,
      errors: [
        {
          success: false,
          code: '9',
          message: `Ce numéro de téléphone n'est pas valide (${sms.recipients[1]})`,
          phoneNumber: sms.recipients[1]?.slice(1),
        },
      ],
    }),
  'turns the call away': () => answerJson(429, {}, { 'retry-after': '7' }),
  'blocks the account': () => answerJson(400, { success: false, code: 11, message: 'Crédit insuffisant' }),
  'has quiet hours': () => answerJson(400, { success: false, code: 22, message: 'Heure non autorisée' }),
  'leaves it open': () => answerJson(200, { success: true, code: 200, message: 'Request queued for processing' }),
};

/** One of three refused, with a sentence that repeats what it must not. */
const secondRefused = (): Reaction => {
  const entries = sampleBulk().messages.map(({ phoneNumber, text }, index) => {
    const message = `"${text}" au ${phoneNumber} : numéro invalide (${CREDENTIAL.apiKey})`;
    return index === 1
      ? { success: false, code: '9', message, phoneNumber }
      : { success: true, code: 200, nbSms: 1, cost: 0.045, phoneNumber };
  });
  return answerJson(200, { ...ACCEPTED, nbSMS: 2, cost: 0.09, SMSResponse_List: entries });
};

describeProviderContract('SMS Partner', async (): Promise<ContractWorld> => {
  const stub = await SmsPartnerStub.start();
  const provider = new SmsPartnerProvider({ baseUrl: stub.baseUrl, timeoutMs: 2_000, platformCredential: null });
  const imitation = new SmsPartnerImitation(stub);
  const arrange = (situation: Situation): OutgoingSms => {
    const sms = sampleSms({ recipients: THREE });
    stub.reaction = situation === 'accepts' ? imitation.accept : REACTIONS[situation](sms);
    return sms;
  };
  return {
    provider,
    credential: CREDENTIAL,
    arrange,
    arrangeBulk: situation => {
      arrange(situation);
      if (situation === 'refuses the second recipient') stub.reaction = secondRefused();
      return sampleBulk();
    },
    close: async () => {
      await provider.close();
      await stub.close();
    },
  };
});

const MAGIC_RECIPIENTS: Record<Situation, readonly string[]> = {
  accepts: ['+33612340000'],
  'refuses the call': ['+33612340001'],
  'refuses the second recipient': ['+33612340000', '+33612340001', '+33612349999'],
  'turns the call away': ['+33612340005'],
  'blocks the account': ['+33612340006'],
  'has quiet hours': ['+33612340007'],
  'leaves it open': ['+33612340004'],
};

describeProviderContract('the simulator', async (): Promise<ContractWorld> => {
  const now = new Date('2026-03-02T09:00:00Z');
  const provider = new SimulatorProvider({ clock: { now: () => now }, receiptDelayMs: 2_000 });
  return {
    provider,
    credential: CREDENTIAL,
    arrange: situation => sampleSms({ recipients: MAGIC_RECIPIENTS[situation] }),
    arrangeBulk: situation => {
      const [only = ''] = MAGIC_RECIPIENTS[situation];
      const others =
        situation === 'refuses the call' ? ['+33655550001', '+33655560001'] : ['+33655557777', '+33655558888'];
      const numbers = MAGIC_RECIPIENTS[situation].length === 3 ? MAGIC_RECIPIENTS[situation] : [only, ...others];
      return sampleBulk({ messages: numbers.map((phoneNumber, index) => ({ phoneNumber, text: `Bonjour ${index}` })) });
    },
    close: () => provider.close(),
  };
});
