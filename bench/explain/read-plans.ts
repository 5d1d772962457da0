/** What auto_explain wrote of one execution. */
interface Logged {
  readonly 'Query Text': string;
  readonly Plan: Node;
}

interface Node {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly Filter?: string;
  readonly 'Actual Loops'?: number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Node[];
}

export interface PlanFault {
  readonly kind: 'sequential scan' | 'rows read for nothing';
  readonly table: string;
  /** Read and thrown away. */
  readonly rows: number;
  readonly index: string | null;
  readonly filter: string | null;
  readonly statement: string;
}

export interface PlanReport {
  /** Different ones that touch a growing table. */
  readonly statements: readonly string[];
  readonly faults: readonly PlanFault[];
}

/** A scan that throws more rows away than this reads what no index serves. */
const FOR_NOTHING = 5_000;

/** Of all that was logged: the different statements on these tables, and what in their plans grows with them. */
export function readPlans(log: string, growing: ReadonlySet<string>): PlanReport {
  const statements = new Set<string>();
  const faults = new Map<string, PlanFault>();
  for (const { 'Query Text': text, Plan: plan } of plansIn(log)) {
    const statement = text.replaceAll(/\s+/g, ' ').trim();
    for (const node of nodesOf(plan)) {
      const table = node['Relation Name'];
      if (table === undefined || !growing.has(table)) continue;
      statements.add(statement);
      const fault = faultOf(node, table, statement);
      if (fault !== null) faults.set(`${fault.kind} ${table} ${statement}`, fault);
    }
  }
  return { statements: [...statements], faults: [...faults.values()] };
}

function faultOf(node: Node, table: string, statement: string): PlanFault | null {
  const rows = (node['Rows Removed by Filter'] ?? 0) * (node['Actual Loops'] ?? 0);
  const found = { table, rows, index: node['Index Name'] ?? null, filter: node.Filter ?? null, statement };
  if (node['Node Type'].endsWith('Seq Scan')) return { ...found, kind: 'sequential scan' };
  return rows > FOR_NOTHING ? { ...found, kind: 'rows read for nothing' } : null;
}

/** In one line, without what row-level security adds to every filter. */
export function inWords({ kind, table, rows, index, filter, statement }: PlanFault): string {
  const by = index === null ? '' : ` by ${index}`;
  const own = (filter ?? '').replaceAll(/ ?(AND )?\(tenant_id = ANY \(.*?uuid\[\]\)\)/g, '').slice(0, 300);
  return `${kind}: ${table}${by}, ${rows} rows thrown away, filter ${own}, in ${statement.slice(0, 100)}…`;
}

function* nodesOf(node: Node): Generator<Node> {
  yield node;
  for (const inner of node.Plans ?? []) yield* nodesOf(inner);
}

/** Entries begin with "@@" (log_line_prefix), their further lines with a tab. */
function* plansIn(log: string): Generator<Logged> {
  for (const entry of log.split('\n@@')) {
    const [head = '', ...lines] = entry.split('\n');
    if (!head.includes('plan:')) continue;
    const plan: Logged | null = parsed(lines.filter(line => line.startsWith('\t')).join('\n'));
    if (plan !== null) yield plan;
  }
}

function parsed(json: string): Logged | null {
  try {
    const plan: Logged = JSON.parse(json);
    return plan;
  } catch {
    // Cut off at the end of the log.
    return null;
  }
}
