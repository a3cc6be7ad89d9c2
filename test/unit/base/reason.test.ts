import { expect, it } from 'vitest'
import { reasonClass } from '../../../worker/base/reason'

it.each([
  ['HTTP 403 AccessDenied User: arn:aws:iam::1:user/x is not', 'HTTP 403 AccessDenied'],
  ['HTTP 400 ThrottlingException Rate exceeded', 'HTTP 400 ThrottlingException'],
  ['HTTP 500', 'HTTP 500'],
  ['HTTP 400 alice@example.com is no customer', 'HTTP 400'],
  ['HTTP 400 Alice Smith is no customer', 'HTTP 400'],
  ['HTTP 200 with a body that is no event_processing_response: alice', 'HTTP 200'],
  ['AssumeRole: HTTP 403 AccessDenied for key', 'AssumeRole: HTTP 403 AccessDenied'],
  ['No answer: could not load https://x.example/?key=secret', 'No answer'],
  ['The function failed: ValueError: alice@example.com', 'The function failed'],
  [
    '10 messages in a row were refused. The last: HTTP 400 alice',
    '10 messages in a row were refused. The last: HTTP 400',
  ],
  [
    'The token server answered HTTP 400, invalid_grant: no alice.',
    'The token server answered HTTP 400, invalid_grant',
  ],
  ['The output cannot be used.', 'The output cannot be used.'],
  ['one line\nof two', 'one line'],
  ['', ''],
])('tells of %j that it is %j', (reason, expected) => {
  expect(reasonClass(reason)).toBe(expected)
})

it('takes no longer for a long reason', () => {
  expect(reasonClass('x'.repeat(1_000_000))).toHaveLength(300)
})
