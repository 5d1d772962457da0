import { HttpException } from '@nestjs/common';

/** What an HTTP request is refused for before it means anything: told as it is, unlike what others throw. */
export class RefusedRequest extends HttpException {
  constructor(
    status: number,
    readonly code: string,
    readonly told: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(told, status);
  }
}
