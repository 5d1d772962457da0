import { Temporal } from 'temporal-polyfill';

type WorkingDays = readonly [1, 2, 3, 4, 5, 6];

/** ISO weekdays. Only Sunday may be missing: the contract has no name for a rule that closes another day. */
type PermittedDays = WorkingDays | readonly [...WorkingDays, 7];

/** When commercial SMS may leave, from a local date on, until the next version begins. */
export interface SendPolicyVersion {
  /** The first local date it applies to; null for the first version. */
  readonly from: string | null;
  /** Wall-clock times of the recipient, half-open: it is open at `opens` and closed at `closes`. */
  readonly opens: string;
  readonly closes: string;
  readonly days: PermittedDays;
  /** Whether public holidays are permitted days too. */
  readonly holidays: boolean;
}

export interface SendPolicy {
  readonly name: string;
  readonly source: string;
  /** Oldest first; the first has no `from`. */
  readonly versions: readonly [SendPolicyVersion, ...SendPolicyVersion[]];
}

const MONDAY_TO_SATURDAY: WorkingDays = [1, 2, 3, 4, 5, 6];

const POLICIES: readonly SendPolicy[] = [
  {
    name: 'smspartner',
    source:
      'SMS Partner API, "Envoi unitaire": « La plateforme n’envoie pas de SMS commerciaux entre 20h et 8h en semaine et ' +
      'les dimanches et jours fériés (restriction légale). »',
    versions: [{ from: null, opens: '08:00', closes: '20:00', days: MONDAY_TO_SATURDAY, holidays: false }],
  },
  {
    name: 'af2m',
    source: 'AF2M, the charter of the French mobile industry: 08:00–22:00 in 2024, 08:00–21:30 from March 2026.',
    versions: [
      { from: null, opens: '08:00', closes: '22:00', days: MONDAY_TO_SATURDAY, holidays: false },
      { from: '2026-03-01', opens: '08:00', closes: '21:30', days: MONDAY_TO_SATURDAY, holidays: false },
    ],
  },
];

/** The names a configuration may choose from; the first is the default. */
export const SEND_POLICIES: readonly string[] = POLICIES.map(policy => policy.name);

export function sendPolicy(name: string): SendPolicy {
  const policy = POLICIES.find(known => known.name === name);
  if (!policy) throw new Error(`Unknown send policy "${name}". Known: ${SEND_POLICIES.join(', ')}.`);
  return policy;
}

/** The version in force on a local date. */
export function versionOn(policy: SendPolicy, date: Temporal.PlainDate): SendPolicyVersion {
  const begun = ({ from }: SendPolicyVersion) => from === null || Temporal.PlainDate.compare(from, date) <= 0;
  return policy.versions.findLast(begun) ?? policy.versions[0];
}
