import type { OutgoingBulk } from '../../../src/providers/index.js';
import { sampleSms } from '../../support/sample-sms.js';

/** A plain bulk call to three recipients, each with a text of its own. */
export function sampleBulk(changes: Partial<OutgoingBulk> = {}): OutgoingBulk {
  const { recipients: _recipients, text: _text, ...options } = sampleSms();
  return {
    ...options,
    messages: [
      { phoneNumber: '+33612345678', text: 'Bonjour Marie, votre colis est disponible au point relais' },
      { phoneNumber: '+33698765432', text: 'Bonjour Ahmed, votre code de retrait est PRINTEMPS' },
      { phoneNumber: '+262692112233', text: 'Bonjour Chloé,\r\nà demain matin devant la gare' },
    ],
    ...changes,
  };
}
