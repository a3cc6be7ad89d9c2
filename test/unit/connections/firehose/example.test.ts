import { describe, expect, it } from 'vitest'
import { applyFirehose } from '../../../../worker/connections/firehose/apply-firehose'
import { withAccount } from '../../../../worker/connections/firehose/requests'
import { mergeParts } from '../../../../worker/connections/outbound'
import example from '../../../fixtures/firehose/mapping/web.batch.json'
import connection from '../../../fixtures/firehose/mapping/web.connection.json'
import expected from '../../../fixtures/firehose/mapping/web.expected.json'
import { exampleRegistration, factsOf } from '../../../support/firehose'
import { partOf } from '../../../support/outbound'

describe('the worked example', () => {
  const { module_id, ...account } = connection
  const part = partOf(example, { notifications: example.system_notifications })
  const merged = mergeParts([part], example.mpid)
  const settings = {
    include_historical: false,
    firehose: factsOf(exampleRegistration, { module_id }),
  }
  const applied = applyFirehose(merged!, settings, { id: 'hand-off', mpid: example.mpid })
  const [delivery] = applied.deliveries

  it('becomes the request that the reference implementation took', () => {
    const request = JSON.parse(withAccount(delivery!.text, account))
    const { id, timestamp_ms, firehose_version } = request
    expect(request).toEqual({ ...expected, id, timestamp_ms, firehose_version })
    expect(id).toBe(example.source_request_id)
  })

  it('is one delivery, with every event accounted for', () => {
    expect(applied).toMatchObject({ accepted: 13, filtered: { unsupported_event: 1 } })
    expect(applied.deliveries).toHaveLength(1)
    expect(delivery).toMatchObject({ events: 12, lane: '', mpid: example.mpid })
    expect(delivery!.text.startsWith('{"type":"event_processing_request"')).toBe(true)
    expect(JSON.parse(delivery!.text)).not.toHaveProperty('account')
  })
})
