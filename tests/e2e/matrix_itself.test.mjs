// The position matrix can fail: in every one of its cases the value would be seen if it passed.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { wholeRows } from '../support/answer_positions.mjs';
import { apis, readEvents } from '../support/apis.mjs';
import { cases, fill, template } from '../support/request_matrix.mjs';
import { requestRows } from '../support/request_positions.mjs';
import { cuts, streamCases, wholeCases } from '../support/response_matrix.mjs';
import { leaks } from '../support/specimens.mjs';
import { streamRows } from '../support/stream_positions.mjs';

describe('the position matrix itself', () => {
  test('every request is JSON, holds the value before and not after', () => {
    for (const [api, rows] of Object.entries(requestRows)) {
      for (const row of rows) {
        for (const { value, written, after } of cases(row)) {
          const text = template(api, row, 'm', apis[api].events !== null);
          const before = fill(text, written);
          JSON.parse(before);
          assert.ok(leaks(Buffer.from(before), value), `${api}: ${row.name}: ${before}`);
          const redacted = fill(text, after);
          JSON.parse(redacted);
          assert.ok(!leaks(Buffer.from(redacted), value), `${api}: ${row.name}: ${redacted}`);
        }
      }
    }
  });

  test('every whole answer holds the value before and not after', () => {
    for (const [api, rows] of Object.entries(wholeRows)) {
      for (const row of rows) {
        for (const { value, text, after } of wholeCases(row.kind)) {
          const bytes = (content) => Buffer.from(JSON.stringify(row.body(content)));
          assert.ok(leaks(bytes(text), value), `${api}: ${row.name}`);
          assert.ok(!leaks(bytes(after), value), `${api}: ${row.name}`);
        }
      }
    }
  });

  test('every stream is read back as the text that was cut', () => {
    for (const [api, rows] of Object.entries(streamRows)) {
      for (const row of rows) {
        for (const one of streamCases(row.kind)) {
          for (const pieces of row.whole ? [[one.text]] : cuts(one)) {
            const events = readEvents(api, Buffer.from(row.events(pieces).join('')));
            assert.equal(row.read(events), one.text, `${api}: ${row.name}`);
            assert.ok(leaks(Buffer.from(row.read(events)), one.value));
          }
        }
      }
    }
  });
});
