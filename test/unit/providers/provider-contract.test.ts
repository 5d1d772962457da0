import { SimulatorProvider, SmsPartnerProvider } from '../../../src/providers/index.js';
import type { OutgoingSms } from '../../../src/providers/index.js';
import { describeProviderContract } from '../../support/provider-contract.js';
import type { ContractWorld, Situation } from '../../support/provider-contract.js';
import { sampleSms } from '../../support/sample-sms.js';
import { ACCEPTED, SmsPartnerStub, answerJson } from '../../support/smspartner-stub.js';
import type { Reaction } from '../../support/smspartner-stub.js';

const CREDENTIAL = { apiKey: '6f1d2c3b4a5968778695a4b3c2d1e0f9' };
const THREE = ['+33612345678', '+33698765432', '+33655443322'];

const REACTIONS: Record<Situation, (sms: OutgoingSms) => Reaction> = {
  accepts: () => answerJson(200, ACCEPTED),
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

describeProviderContract('SMS Partner', async (): Promise<ContractWorld> => {
  const stub = await SmsPartnerStub.start();
  const provider = new SmsPartnerProvider({ baseUrl: stub.baseUrl, timeoutMs: 2_000, platformCredential: null });
  return {
    provider,
    credential: CREDENTIAL,
    arrange: situation => {
      const sms = sampleSms({ recipients: THREE });
      stub.reaction = REACTIONS[situation](sms);
      return sms;
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
    close: () => provider.close(),
  };
});
