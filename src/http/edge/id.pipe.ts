import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { NotFoundError } from '../../domain/index.js';

const idPattern = /^[A-Za-z0-9_-]{1,64}$/;

/** What could not be an id is not asked for in the store: there is no such thing. */
@Injectable()
export class IdPipe implements PipeTransform<string, string> {
  transform(value: string, _metadata: ArgumentMetadata): string {
    if (!idPattern.test(value)) throw new NotFoundError('there is nothing with this id');
    return value;
  }
}
