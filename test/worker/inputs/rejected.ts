import { expect, vi } from 'vitest'
import { admin } from '../../support/weir'

export interface RejectedList {
  count: number
  rejected: { input: string; problems: { code: string; path: string }[]; payload: string }[]
}

const rejectedNow = async (input: string) => {
  const { rejected } = (await (await admin('/rejected?limit=200')).json()) as RejectedList
  return rejected.filter((one) => one.input === input)
}

/** What was rejected of an input, once there is as much as wanted. */
export const rejectedOf = async (input: string, wanted: number) => {
  return vi.waitFor(
    async () => {
      const found = await rejectedNow(input)
      expect(found).toHaveLength(wanted)
      return found
    },
    { timeout: 10_000, interval: 50 }
  )
}

/** What was rejected of an input, of which one a second is kept, once there is anything. */
export const someRejectedOf = (input: string) =>
  vi.waitFor(
    async () => {
      const found = await rejectedNow(input)
      expect(found).not.toEqual([])
      return found
    },
    { timeout: 10_000, interval: 50 }
  )

export const gzip = async (text: string): Promise<ArrayBuffer> =>
  new Response(new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'))).arrayBuffer()

/** Bodies that no input understands, and the code of the problem that each has. */
export const badBodies = async (): Promise<[string | ArrayBuffer, string][]> => [
  ['', 'invalid_json'],
  ['not json', 'invalid_json'],
  ['[1,2]', 'invalid'],
  ['"text"', 'invalid'],
  ['null', 'invalid'],
  [`{"events":${'['.repeat(201)}${']'.repeat(201)}}`, 'too_deep'],
  [new Uint8Array([0xff, 0xfe, 0x00]).buffer, 'unreadable'],
  [new Uint8Array([0x1f, 0x8b, 0x08, 0x00, 0x01]).buffer, 'unreadable'],
  [`{"events":[],"pad":"${'x'.repeat(262_144)}"}`, 'too_large'],
  [await gzip(`{"events":[],"pad":"${'x'.repeat(5_000_000)}"}`), 'too_large'],
]
