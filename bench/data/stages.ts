/** How far generated messages have come. */
export type Stage = 'queued' | 'held' | 'sent' | 'delivered';

interface StageRows {
  readonly message: string;
  readonly delivery: string;
  readonly charge: string;
  readonly submission: {
    readonly state: string;
    /** The column that counts its deliveries. */
    readonly counted: string;
    /** As SQL. */
    readonly dueAt: (releaseAt: string) => string;
  };
  /** Whether a call was made. */
  readonly left: boolean;
  /** What the timeline has beside acceptance and attempt. */
  readonly event: string | null;
}

export const STAGES: Readonly<Record<Stage, StageRows>> = {
  queued: {
    message: 'QUEUED',
    delivery: 'WAITING',
    charge: 'RESERVED',
    submission: { state: 'QUEUED', counted: 'waiting', dueAt: () => 'at' },
    left: false,
    event: null,
  },
  held: {
    message: 'HELD',
    delivery: 'WAITING',
    charge: 'RESERVED',
    submission: { state: 'HELD', counted: 'waiting', dueAt: releaseAt => releaseAt },
    left: false,
    event: 'held',
  },
  sent: {
    message: 'SENT',
    delivery: 'SENT',
    charge: 'CHARGED',
    submission: { state: 'DONE', counted: 'sent', dueAt: () => `now() + interval '30 minutes'` },
    left: true,
    event: 'sent',
  },
  delivered: {
    message: 'COMPLETED',
    delivery: 'DELIVERED',
    charge: 'CHARGED',
    submission: { state: 'DONE', counted: 'delivered', dueAt: () => 'null::timestamptz' },
    left: true,
    event: 'sent',
  },
};
