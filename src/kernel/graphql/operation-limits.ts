import {
  type DocumentNode,
  type FragmentDefinitionNode,
  getOperationAST,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import type { OperationLimits } from '../config/app-config.js';
import { costOf } from './operation-cost.js';

export interface Asked {
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  readonly operationName?: string | null | undefined;
  readonly limits: OperationLimits;
}

/** GraphiQL's own question stays far below; lists of lists of the schema do not. */
const MAX_INTROSPECTION_COST = 100_000;
/** Selections inside one another of any kind, introspection and fragments included: the stack must not be the one to say no. */
const MAX_NESTING = 200;

/**
 * Everything that is too much about the operation that is to run, each with its limit and how to mend it; empty: it may run.
 * Pure, and safe with any document that parses, fragments in a circle included; what the document does wrong otherwise is
 * for GraphQL's own validation.
 */
export function problemsOf(schema: GraphQLSchema, document: DocumentNode, asked: Asked): readonly GraphQLError[] {
  const operation = getOperationAST(document, asked.operationName);
  if (!operation) return [];
  const { limits } = asked;
  const measuring = new Measuring(document);
  const { depth, aliases, topFields } = measuring.of(operation.selectionSet);
  if (measuring.beyondNesting)
    return [refusalOf(`its selections are more than ${MAX_NESTING} inside one another: flatten it`, operation)];
  return [
    depth > limits.maxDepth
      ? `depth ${plain(depth)} exceeds ${plain(limits.maxDepth)}: ask for fewer fields inside one another, or look up the inner ones by id`
      : null,
    aliases > limits.maxAliases
      ? `${plain(aliases)} aliases exceed ${plain(limits.maxAliases)}: split the operation into several`
      : null,
    topFields > limits.maxRootFields
      ? `${plain(topFields)} fields at the top exceed ${plain(limits.maxRootFields)}: split the operation into several requests`
      : null,
    ...costProblems(schema, document, operation, asked),
  ].flatMap(message => (message === null ? [] : [refusalOf(message, operation)]));
}

function costProblems(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  { variables, limits: { maxCost } }: Asked,
): readonly (string | null)[] {
  const counted = costOf(schema, document, operation, variables ?? {});
  switch (counted.kind) {
    case 'not-runnable':
      return [];
    case 'uncountable':
      return [`its cost cannot be counted: ${counted.message.replace(/\.$/, '')}`];
    case 'counted':
      return [
        counted.cost > maxCost
          ? `cost ${plain(counted.cost)} exceeds ${plain(maxCost)}: ask for fewer with first, for fewer fields, or split the operation`
          : null,
        counted.introspection > MAX_INTROSPECTION_COST
          ? `introspection that costs ${plain(counted.introspection)} exceeds ${plain(MAX_INTROSPECTION_COST)}: ask once, and for fewer lists inside one another`
          : null,
      ];
  }
}

const plain = (count: number): string => (Number.isSafeInteger(count) ? count.toLocaleString('en') : 'beyond counting');

const refusalOf = (problem: string, operation: OperationDefinitionNode): GraphQLError =>
  new GraphQLError(`This operation is too large: ${problem}.`, {
    nodes: operation,
    extensions: { code: 'BAD_USER_INPUT', reason: 'OPERATION_TOO_LARGE', http: { status: 400 } },
  });

interface Measure {
  readonly depth: number;
  readonly aliases: number;
  readonly topFields: number;
}

const NOTHING: Measure = { depth: 0, aliases: 0, topFields: 0 };

/** Measures each fragment once, however often it is used: fragments that use fragments twice would else double at each step. */
class Measuring {
  private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  private readonly measured = new Map<string, Measure>();
  private nesting = 0;
  beyondNesting = false;

  constructor(document: DocumentNode) {
    this.fragments = new Map(
      document.definitions.flatMap(node => (node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [])),
    );
  }

  of({ selections }: SelectionSetNode): Measure {
    if (this.nesting === MAX_NESTING) {
      this.beyondNesting = true;
      return NOTHING;
    }
    this.nesting += 1;
    const measure = selections.map(selection => this.ofSelection(selection)).reduce(together, NOTHING);
    this.nesting -= 1;
    return measure;
  }

  private ofSelection(selection: SelectionNode): Measure {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return this.ofFragment(selection.name.value);
    if (selection.kind === Kind.INLINE_FRAGMENT) return this.of(selection.selectionSet);
    const own = selection.alias === undefined ? 0 : 1;
    const within = selection.selectionSet === undefined ? NOTHING : this.of(selection.selectionSet);
    const depth = selection.name.value.startsWith('__') ? 1 : 1 + within.depth;
    return { depth, aliases: own + within.aliases, topFields: 1 };
  }

  private ofFragment(name: string): Measure {
    const known = this.measured.get(name);
    if (known !== undefined) return known;
    // A fragment that comes back to itself finds nothing there; validation refuses it.
    this.measured.set(name, NOTHING);
    const fragment = this.fragments.get(name);
    const measure = fragment === undefined ? NOTHING : this.of(fragment.selectionSet);
    this.measured.set(name, measure);
    return measure;
  }
}

const together = (one: Measure, other: Measure): Measure => ({
  depth: Math.max(one.depth, other.depth),
  aliases: one.aliases + other.aliases,
  topFields: one.topFields + other.topFields,
});
