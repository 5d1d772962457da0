import { FAULTS } from './faults.js';
import type { Settings } from './read-settings.js';

export const usage = (address: string, { seed }: Settings): string => `Misbehaving provider: ${address} (seed ${seed})
  SMS_PROVIDER=smspartner SMSPARTNER_BASE_URL=${address} SMSPARTNER_API_KEY=any PUBLIC_URL=http://localhost:3000 npm start
  GET ${address}/book shows what it really accepted; POST ${address}/faults {"*":0,"5xx":0.5} changes what goes wrong:
  ${FAULTS.join(' ')}
`;
