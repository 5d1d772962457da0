import { applyDecorators, ValidationPipe } from '@nestjs/common';
import { Length, Matches, type ValidationError } from 'class-validator';
import { InvalidArgument } from '../refusals.js';

/**
 * Checks an input by its class-validator decorators: `@Args('input', VALIDATED)`. For inputs of people's size; an SMS with
 * ten thousand recipients is read by its own rules, which tell every mistake with its path.
 */
export const VALIDATED = new ValidationPipe({
  transform: true,
  validationError: { target: false, value: false },
  exceptionFactory: (errors: ValidationError[]) => {
    const [first] = errors;
    const mends = errors.flatMap(error => Object.values(error.constraints ?? {}));
    return new InvalidArgument(first?.property ?? 'input', mends.join('; ').replace(`${first?.property ?? ''} `, ''));
  },
});

/** Lone surrogates are no characters at all: PostgreSQL's jsonb refuses them. */
const NO_CONTROL_CHARACTERS = /^[^\p{Cc}\p{Cs}]*$/u;
const NOT_BLANK = /\S/;

/** Text for people to read: of that many characters, not all blank, none a control character (PostgreSQL takes no NUL). */
export const PlainText = (min: number, max: number): PropertyDecorator =>
  applyDecorators(
    Length(min, max, { message: `$property must have ${min} to ${max} characters` }),
    Matches(NOT_BLANK, { message: '$property must not be blank' }),
    Matches(NO_CONTROL_CHARACTERS, { message: '$property must not have control characters' }),
  );

/** ISO 4217. */
export const CurrencyCode = (): PropertyDecorator =>
  applyDecorators(Matches(/^[A-Z]{3}$/, { message: '$property must be an ISO 4217 code such as "EUR"' }));
