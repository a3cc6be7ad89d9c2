import type { SourceFile } from './files'

/** One page of ListObjectsV2, as XML. */
export type ListPage = (query: Record<string, string>) => Promise<string>

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

const unescaped = (text: string): string =>
  text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (hex) return String.fromCodePoint(Number.parseInt(hex, 16))
    return decimal ? String.fromCodePoint(Number(decimal)) : (entities[name] ?? whole)
  })

const elementOf = (xml: string, name: string): string =>
  unescaped(new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? '')

/** All objects whose keys begin with the prefix, page by page. */
export async function* listedObjects(list: ListPage, prefix: string): AsyncGenerator<SourceFile> {
  let token = ''
  do {
    const xml = await list({
      'list-type': '2',
      prefix,
      ...(token ? { 'continuation-token': token } : {}),
    })
    for (const [, object = ''] of xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
      yield { name: elementOf(object, 'Key'), bytes: Number(elementOf(object, 'Size')) }
    }
    token = elementOf(xml, 'NextContinuationToken')
  } while (token !== '')
}
