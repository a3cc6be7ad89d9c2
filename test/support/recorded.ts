import { isObject, type JsonObject, parseJson } from '../../worker/base/json'

const web = import.meta.glob<string>('../fixtures/mparticle-web-sdk/*-events.json', {
  eager: true,
  query: '?raw',
  import: 'default',
})
const node = import.meta.glob<string>('../fixtures/mparticle-node-sdk/*.json', {
  eager: true,
  query: '?raw',
  import: 'default',
})

export interface Recorded {
  name: string
  body: JsonObject
  /** The body as the client sent it. */
  text: string
}

const bodiesOf = ([path, text]: [string, string]): Recorded[] => {
  // The recordings hold no number that a double cannot.
  const { body } = JSON.parse(text).request
  const name = path.split('/').at(-1) ?? path
  return [body]
    .flat()
    .map((one) => ({ name, body: parseJson(JSON.stringify(one)), text: JSON.stringify(one) }))
    .flatMap((one) => (isObject(one.body) ? [{ ...one, body: one.body }] : []))
}

/** The batches that the real web SDK uploaded. */
export const webBatches: Recorded[] = Object.entries(web).flatMap(bodiesOf)

/** The batches that the real Node SDK uploaded. */
export const nodeBatches: Recorded[] = Object.entries(node).flatMap(bodiesOf)
