import { Injectable } from '@nestjs/common';
import { Database } from './database.js';
import { columnText } from './ids.js';
import { decodeJson, encodeJson } from './json-codec.js';
import type { ForeignDocumentTable } from './tables.js';

/** Something that clients of another tool keep with Assay, in their own words. */
export interface ForeignDocument<Body = unknown> {
  readonly id: string;
  /** by which it is listed; at most 200 letters */
  readonly label: string;
  /** JSON; dates come back as texts */
  readonly body: Body;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface DocumentFilter {
  readonly limit: number;
  readonly skip: number;
  readonly label?: string | undefined;
}

/** Documents of other tools, by collection: `kayenta/canary-config`. What they mean is known where the tool is spoken. */
@Injectable()
export class ForeignDocumentStore {
  constructor(private readonly database: Database) {}

  /** @returns false: the id is taken, and nothing was written */
  async add(collection: string, document: ForeignDocument): Promise<boolean> {
    const { numInsertedOrUpdatedRows } = await this.database.db
      .insertInto('foreign_document')
      .values(rowOf(collection, document))
      .onConflict((conflict) => conflict.columns(['collection', 'id']).doNothing())
      .executeTakeFirst();
    return numInsertedOrUpdatedRows !== 0n;
  }

  /** @returns false: there is none of this id */
  async replace(collection: string, { id, label, body, updatedAt }: ForeignDocument): Promise<boolean> {
    const { numUpdatedRows } = await this.database.db
      .updateTable('foreign_document')
      .set({ label: columnText(label), body: encodeJson(body), updated_at: updatedAt })
      .where('collection', '=', collection)
      .where('id', '=', columnText(id))
      .executeTakeFirst();
    return numUpdatedRows !== 0n;
  }

  /** @returns false: there was none of this id */
  async delete(collection: string, id: string): Promise<boolean> {
    const { numDeletedRows } = await this.database.db
      .deleteFrom('foreign_document')
      .where('collection', '=', collection)
      .where('id', '=', columnText(id))
      .executeTakeFirst();
    return numDeletedRows !== 0n;
  }

  async find<Body>(collection: string, id: string): Promise<ForeignDocument<Body> | null> {
    const row = await this.database.db
      .selectFrom('foreign_document')
      .selectAll()
      .where('collection', '=', collection)
      .where('id', '=', columnText(id))
      .executeTakeFirst();
    return row ? documentOf<Body>(row) : null;
  }

  /** Newest first. */
  async list<Body>(collection: string, { limit, skip, label }: DocumentFilter): Promise<ForeignDocument<Body>[]> {
    let query = this.database.db
      .selectFrom('foreign_document')
      .selectAll()
      .where('collection', '=', collection)
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(limit)
      .offset(skip);
    if (label !== undefined) query = query.where('label', '=', columnText(label));
    const rows = await query.execute();
    return rows.map((row) => documentOf<Body>(row));
  }
}

const rowOf = (collection: string, { id, label, body, createdAt, updatedAt }: ForeignDocument): ForeignDocumentTable => ({
  collection,
  id: columnText(id),
  label: columnText(label),
  body: encodeJson(body),
  created_at: createdAt,
  updated_at: updatedAt,
});

const documentOf = <Body>(row: ForeignDocumentTable): ForeignDocument<Body> => ({
  id: row.id,
  label: row.label,
  body: decodeJson<Body>(row.body),
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
