import { between, oneOf, type Random } from './random'
import type { PlannedUpload } from './uploads'

/** What an upload says that the rules of the run's audiences ask for. */
export interface Said {
  plan?: string
  /** One event each; below 0, too. */
  points: number[]
  likes: number
}

const plans = ['free', 'pro', 'team']

export const planSaid = (random: Random): Said => ({
  ...(random() < 0.5 ? { plan: oneOf(random, plans) } : {}),
  points: Array.from({ length: between(random, 0, 2) }, () => between(random, -12, 12)),
  likes: random() < 0.25 ? between(random, 1, 2) : 0,
})

/** Custom attributes of the events that say it. */
export const saidEvents = ({ points, likes }: Said): object[] => [
  ...points.map((one) => ({ points: one })),
  ...Array.from({ length: likes }, () => ({ kind: 'like' })),
]

const event = (rule: object) => ({ event: { type: 'custom_event', within: '30d', ...rule } })
const like = { where: { kind: 'like' } }

/**
 * Nothing leaves a window in the time that a run takes, so that what each upload changes is known
 * beforehand. `who` holds the mpid, since messages do not name it.
 */
export const audiences = [
  { id: 'elite', rule: { all: [{ audience: 'rich' }, { audience: 'payers' }] } },
  { id: 'rich', rule: event({ sum: { property: 'points', gt: 5 } }) },
  { id: 'payers', rule: { attribute: { plan: { $in: ['pro', 'team'] } } } },
  {
    id: 'quiet',
    rule: { all: [{ attribute: { who: { $exists: true } } }, { not: event(like) }] },
  },
  { id: 'warming', rule: event({ ...like, count: { gte: 2, lt: 5 } }) },
  { id: 'fans', rule: event({ ...like, count: { gte: 5 } }) },
]

export type AudienceId = 'elite' | 'rich' | 'payers' | 'quiet' | 'warming' | 'fans'

interface Known {
  plan: string
  points: number
  likes: number
}

const memberships = ({ plan, points, likes }: Known): Record<AudienceId, boolean> => {
  const [rich, payers] = [points > 5, plan === 'pro' || plan === 'team']
  return {
    elite: rich && payers,
    rich,
    payers,
    quiet: likes === 0,
    warming: likes >= 2 && likes < 5,
    fans: likes >= 5,
  }
}

const nowhere = Object.fromEntries(audiences.map(({ id }) => [id, false]))

const after = (known: Known, said: Said): Known => ({
  plan: said.plan ?? known.plan,
  points: known.points + said.points.reduce((sum, one) => sum + one, 0),
  likes: known.likes + said.likes,
})

/**
 * What a connection must be told of each profile: a text per upload that changes one of its
 * audiences, oldest first.
 */
export const expectedChanges = (
  uploads: PlannedUpload[],
  selected: AudienceId[]
): Map<string, string[]> => {
  const states = new Map<string, { known: Known; inside: Record<string, boolean> }>()
  const expected = new Map<string, string[]>()
  for (const { mpid, said } of uploads) {
    if (!said) continue
    const state = states.get(mpid) ?? {
      known: { plan: '', points: 0, likes: 0 },
      inside: nowhere,
    }
    const known = after(state.known, said)
    const inside = memberships(known)
    const changes = selected
      .filter((id) => inside[id] !== state.inside[id])
      .map((id) => `${inside[id] ? 'enter' : 'exit'} ${id}`)
    states.set(mpid, { known, inside })
    if (changes.length > 0) {
      expected.set(mpid, [...(expected.get(mpid) ?? []), changes.join(', ')])
    }
  }
  return expected
}
