import { Injectable } from '@nestjs/common';
import type { TenantId, Tx } from '../../kernel/index.js';
import type { OptOut } from './opt-out.js';

const COLUMNS = `id, phone_number as "phoneNumber", source, created_at as "createdAt"`;

@Injectable()
export class OptOutStore {
  /** Which of these E.164 numbers have opted out. */
  async among(tx: Tx, tenantId: TenantId, phoneNumbers: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await tx.rows<{ phoneNumber: string }>(
      'select phone_number as "phoneNumber" from opt_outs where tenant_id = $1 and phone_number = any($2)',
      [tenantId, phoneNumbers],
    );
    return new Set(rows.map(row => row.phoneNumber));
  }

  /** Those of a submission that still wait and have opted out meanwhile. */
  async waitingIn(tx: Tx, tenantId: TenantId, submissionId: string): Promise<string[]> {
    const rows = await tx.rows<{ phoneNumber: string }>(
      `select d.phone_number as "phoneNumber" from deliveries d
         join opt_outs o on o.tenant_id = d.tenant_id and o.phone_number = d.phone_number
        where d.tenant_id = $1 and d.submission_id = $2 and d.status = 'WAITING'`,
      [tenantId, submissionId],
    );
    return rows.map(row => row.phoneNumber);
  }

  /** The first opt-out of a number stays as it was made. */
  async add(tx: Tx, tenantId: TenantId, optOut: OptOut): Promise<OptOut> {
    await tx.rows(
      `insert into opt_outs (tenant_id, phone_number, id, source, created_at) values ($1, $2, $3, $4, $5)
       on conflict (tenant_id, phone_number) do nothing`,
      [tenantId, optOut.phoneNumber, optOut.id, optOut.source, optOut.createdAt],
    );
    const kept = await tx.first<OptOut>(`select ${COLUMNS} from opt_outs where tenant_id = $1 and phone_number = $2`, [
      tenantId,
      optOut.phoneNumber,
    ]);
    return kept ?? optOut;
  }

  async remove(tx: Tx, tenantId: TenantId, phoneNumber: string): Promise<boolean> {
    return (
      (await tx.count('delete from opt_outs where tenant_id = $1 and phone_number = $2', [tenantId, phoneNumber])) > 0
    );
  }

  page(tx: Tx, tenantId: TenantId, page: { readonly after: string | null; readonly limit: number }): Promise<OptOut[]> {
    return tx.rows(
      `select ${COLUMNS} from opt_outs where tenant_id = $1 and ($2::uuid is null or id < $2) order by id desc limit $3`,
      [tenantId, page.after, page.limit],
    );
  }
}
