import type { FloorTransaction } from './floors.js';

const COLUMNS = 'tenant_id, updated_at, message_id, submission_id, phone_number, territory, status, cost, charge';

/** 500 rows of a file by COPY, which the server reads itself; ids come by default. */
export const copyDeliveries: FloorTransaction = async (client, index, { files = [] }) => {
  await client.query(`copy deliveries (${COLUMNS}) from '${files[index % files.length]}'`);
};
