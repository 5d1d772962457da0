import { Column, Entity, PrimaryColumn } from 'typeorm';

/** When the next call may start, over all processes. */
@Entity('rate_limits')
export class RateLimitRow {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'rate_limits_pk' })
  name: string;

  @Column('timestamptz', { name: 'next_at' })
  nextAt: Date;
}
