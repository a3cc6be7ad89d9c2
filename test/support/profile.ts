import { parseJson } from '../../worker/base/json'
import { checkBatch } from '../../worker/batch'
import { type ConnectionAt, makeHandOff, parseEntry } from '../../worker/partitions/hand-off'
import { emptyState, type ProfileState } from '../../worker/profiles/attributes'
import { arrive, type Head } from '../../worker/profiles/batching'
import { type Entry, entryOf, readEntries, writeEntry } from '../../worker/profiles/entry'
import { describeBatch, type Upload } from '../../worker/profiles/upload'
import { mpid, s3Settings } from './outbound'

export const windowMs = 600_000

export const newHead = (): Head => ({
  mpid,
  epoch: 'e0',
  next_seq: 0,
  next_window: 0,
  windows: [],
  registered: true,
  last_ms: 0,
})

/** An upload of this body as these connections need it. */
export const uploadOf = (
  body: object,
  connections = [s3Settings()],
  facts: Partial<Upload> = {}
): Upload => {
  const text = JSON.stringify(body)
  const checked = checkBatch(parseJson(text))
  if (!checked) throw new Error('Not a batch.')
  return {
    kind: 'batch',
    input: 'web',
    version: 1,
    received_ms: 0,
    text,
    ids: '00000000000000aa',
    edge: { channel: 'javascript' },
    ...describeBatch(checked, connections),
    ...facts,
  }
}

/** A profile without storage: what arrives, and what its windows hand on. */
export class ProfileModel {
  head = newHead()
  stored = ''

  arrive(upload: Upload, now = upload.received_ms): void {
    const seq = this.head.next_seq
    this.head = arrive(this.head, upload, { now, windowMs })
    this.stored += writeEntry(entryOf(upload, seq, []))
  }

  entries(): Entry[] {
    return readEntries(this.stored)
  }

  /** What a connection gets of each window, oldest first. */
  handOffs(
    at: (version: number) => ConnectionAt | undefined = () => ({ settings: s3Settings() }),
    state: ProfileState = emptyState()
  ) {
    const entries = this.entries().map(parseEntry)
    const { head } = this
    return head.windows.flatMap(
      (window) => makeHandOff({ head, window, state, entries, version: 1, at }) ?? []
    )
  }
}
