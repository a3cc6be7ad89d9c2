import * as v from 'valibot'
import type { Call } from './call'

const KINDS = [
  'slow_down',
  'throttle',
  'cut_before',
  'cut_after',
  'forbidden',
  'no_bucket',
  'no_queue',
  'partial',
  'partial_sender_fault',
  'delay',
] as const

/** What goes wrong, for which requests, and how often. */
export const faultSchema = v.strictObject({
  /** Every field given must hold; `action` is AWS's name, such as `PutObject`. */
  match: v.optional(
    v.strictObject({
      service: v.optional(v.picklist(['sqs', 's3', 'sts', 'lambda'])),
      action: v.optional(v.string()),
      bucket: v.optional(v.string()),
      queue: v.optional(v.string()),
    }),
    {}
  ),
  fault: v.picklist(KINDS),
  /** How many requests it strikes before it is spent. Without it, all. */
  times: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  /** Chance from 0 to 1 that it strikes a request that matches. Certain by default. */
  probability: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
  params: v.optional(
    v.strictObject({
      /** `throttle`: the Retry-After header; 1 by default. */
      retryAfterS: v.optional(v.number()),
      /** `delay`: how long the request is held before it goes on; 100 by default. */
      ms: v.optional(v.number()),
      /** `partial`: the share of a batch's entries that fails, at least one; 0.5 by default. */
      fraction: v.optional(v.number()),
      /** `partial`: exactly these entries fail, by their position in the batch. */
      entries: v.optional(v.array(v.number())),
      /** `partial`: the error code of a failed entry. */
      code: v.optional(v.string()),
    }),
    {}
  ),
})

export type FaultKind = (typeof KINDS)[number]
export type FaultRule = v.InferInput<typeof faultSchema>
export type Fault = v.InferOutput<typeof faultSchema>

type Scoped = Fault & { scope: string | undefined }

/** The rules in force. The first that strikes a request decides; a `delay` lets others follow. */
export function openFaults(seed: number) {
  let rules: Scoped[] = []
  let random = seededRandom(seed)
  return {
    /**
     * Replaces all rules and starts the random numbers over, so that a run repeats. With a scope,
     * only the rules of that scope: tests that share a gate do not undo each other's.
     */
    set(list: FaultRule[], scope?: string): void {
      const kept = scope === undefined ? [] : rules.filter((rule) => rule.scope !== scope)
      rules = [...kept, ...list.map((rule) => ({ ...v.parse(faultSchema, rule), scope }))]
      if (scope === undefined) random = seededRandom(seed)
    },
    add(rule: FaultRule): void {
      rules.push({ ...v.parse(faultSchema, rule), scope: undefined })
    },
    clear(): void {
      this.set([])
    },
    /** What is left of the rules: those spent are gone, `times` counts down. */
    list: (): Fault[] => rules.map(({ scope: _, ...rule }) => structuredClone(rule)),
    strike(call: Call): { delayMs: number; fault: Fault | undefined } {
      let delayMs = 0
      for (const rule of rules.filter((candidate) => doesMatch(candidate, call))) {
        if (random() >= (rule.probability ?? 1)) continue
        if (rule.times !== undefined) rule.times -= 1
        rules = rules.filter(({ times }) => times === undefined || times > 0)
        if (rule.fault !== 'delay') return { delayMs, fault: rule }
        delayMs += rule.params.ms ?? 100
      }
      return { delayMs, fault: undefined }
    },
    /** Picks the entries of a batch that a partial fault strikes. */
    pick(entryIds: string[], { params }: Fault): Set<string> {
      if (params.entries !== undefined) {
        return new Set(entryIds.filter((_id, index) => params.entries?.includes(index)))
      }
      const count = Math.max(1, Math.round(entryIds.length * (params.fraction ?? 0.5)))
      const shuffled = entryIds
        .map((id) => ({ id, rank: random() }))
        .sort((a, b) => a.rank - b.rank)
      return new Set(shuffled.slice(0, count).map(({ id }) => id))
    },
  }
}

export type Faults = ReturnType<typeof openFaults>

function doesMatch({ match, fault, times }: Fault, call: Call): boolean {
  if (times === 0 || !isApplicable(fault, call)) return false
  return (
    (match.service ?? call.service) === call.service &&
    (match.action ?? call.action) === call.action &&
    (match.bucket === undefined || match.bucket === call.bucket) &&
    (match.queue === undefined || match.queue === call.queue)
  )
}

function isApplicable(fault: FaultKind, { service, action }: Call): boolean {
  if (fault === 'no_bucket') return service === 's3'
  if (fault === 'no_queue') return service === 'sqs'
  return fault.startsWith('partial') ? action === 'SendMessageBatch' : true
}

/** mulberry32: the same seed gives the same numbers on every machine. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
