import {
  type DocumentNode,
  getNamedType,
  getNullableType,
  getVariableValues,
  type GraphQLSchema,
  isCompositeType,
  isListType,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import { type ComplexityEstimator, fieldExtensionsEstimator, getComplexity } from 'graphql-query-complexity';
import { DEFAULT_PAGE, MAX_PAGE } from './page.js';

/** Of a list that takes no `first`: holds, waiting, timeline, keys. A field that knows better says so (`complexity`). */
const ASSUMED_LENGTH = 10;
/** A recipient is read, priced and stored; that is dearer than one value of an answer. */
const INPUT_ITEM_COST = 4;

export type Cost =
  | { readonly kind: 'counted'; readonly cost: number; readonly introspection: number }
  /** The variables are not of their types: nothing will run, and execution says so in its own words. */
  | { readonly kind: 'not-runnable' }
  | { readonly kind: 'uncountable'; readonly message: string };

/**
 * One for each object and value that the answer may hold, lists at the length asked for, and four for each item of a list given as
 * input. Fragments count wherever they are used. Introspection counts apart.
 */
export function costOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): Cost {
  const shape = shapeOf(variables);
  const known = shape === null ? undefined : costs.get(operation)?.get(shape);
  if (known !== undefined) return known;
  const cost = count(schema, document, operation, variables);
  if (shape !== null && cost.kind === 'counted') remember(operation, shape, cost);
  return cost;
}

/** Counting cost a tenth of a sendSms. Documents are parsed once and asked again and again, with variables of few shapes. */
const costs = new WeakMap<OperationDefinitionNode, Map<string, Cost>>();
const MOST_SHAPES = 32;
const LONGEST_SHAPE = 512;

/** All of variables but what their strings say, which no cost depends on. Null: too long to remember. */
function shapeOf(variables: Readonly<Record<string, unknown>>): string | null {
  const shape = JSON.stringify(variables, (_, value: unknown) => (typeof value === 'string' ? '' : value));
  return shape.length > LONGEST_SHAPE ? null : shape;
}

/** Only what was counted: whether variables are of their types does depend on what their strings say. */
function remember(operation: OperationDefinitionNode, shape: string, cost: Cost): void {
  const shapes = costs.get(operation) ?? new Map<string, Cost>();
  if (shapes.size < MOST_SHAPES) costs.set(operation, shapes.set(shape, cost));
}

function count(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): Cost {
  let introspection = 0;
  const introspecting: ComplexityEstimator = ({ field, childComplexity }) => {
    if (!field.name.startsWith('__')) return;
    introspection += childComplexity;
    return 0;
  };
  // The library reads the name of every operation there is; it is given the one that runs.
  const definitions = document.definitions.filter(({ kind }) => kind !== Kind.OPERATION_DEFINITION);
  const query: DocumentNode = { ...document, definitions: [operation, ...definitions] };
  try {
    const estimators = [introspecting, fieldExtensionsEstimator(), byLength];
    const cost = getComplexity({ schema, query, variables: { ...variables }, estimators });
    return { kind: 'counted', cost, introspection };
  } catch (error) {
    const { errors } = getVariableValues(schema, operation.variableDefinitions ?? [], { ...variables });
    if (errors !== undefined && errors.length > 0) return { kind: 'not-runnable' };
    return {
      kind: 'uncountable',
      message: error instanceof Error && isOfGraphql(error) ? error.message : 'nested too deeply',
    };
  }
}

/** By name: two copies of `graphql` may be loaded, and a stack that overflows has words of its own. */
const isOfGraphql = (error: Error): boolean => error.name === 'GraphQLError';

const byLength: ComplexityEstimator = ({ type, field, args, childComplexity }) => {
  const inputs = INPUT_ITEM_COST * itemsIn(args);
  if (!isCompositeType(getNamedType(field.type))) return 1 + inputs;
  if (field.args.some(({ name }) => name === 'first')) return 1 + inputs + pageLength(args) * childComplexity;
  // `first` stands on the connection itself, and has counted all that is in it.
  if (type.name.endsWith('Connection')) return isListType(getNullableType(field.type)) ? 1 + childComplexity : 0;
  const length = isListType(getNullableType(field.type)) ? ASSUMED_LENGTH : 1;
  return 1 + inputs + length * childComplexity;
};

/** More than a page may hold is refused by whoever reads it, in plainer words than a cost. */
function pageLength(args: Readonly<Record<string, unknown>>): number {
  const first = args['first'];
  return typeof first === 'number' ? Math.min(Math.max(first, 0), MAX_PAGE) : DEFAULT_PAGE;
}

function itemsIn(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + itemsIn(item), value.length);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce<number>((sum, item) => sum + itemsIn(item), 0);
}
