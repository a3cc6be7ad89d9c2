import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import terser from '@rollup/plugin-terser'
import { type ModuleFormat, type OutputChunk, rollup } from 'rollup'
import { type Budgeted, number, table } from '../statistics'

export const sdkFolder = resolve(import.meta.dirname, '../../../dist/sdk')

const sdkModule = join(sdkFolder, 'weir.mjs')
const core = 'createClient'
const coreBudgetBytes = 3072
const scriptBudgetBytes = 5120

const bundle = async (source: string, format: ModuleFormat): Promise<OutputChunk> => {
  const built = await rollup({
    input: 'page',
    plugins: [
      {
        name: 'page',
        resolveId: (id) => (id === 'page' ? id : null),
        load: (id) => (id === 'page' ? source : null),
      },
      // As a script's, its one name is for others to see.
      terser({ ecma: 2022, module: format === 'es' }),
    ],
  })
  const { output } = await built.generate({ format, name: 'bundle' })
  await built.close()
  return output[0]
}

/** What a page's own bundle contains of the module when it imports these names, minified. */
export const bundleOf = async (names: string[], format: ModuleFormat = 'es'): Promise<string> => {
  const { code } = await bundle(`export { ${names} } from '${sdkModule}'`, format)
  return code
}

const namesOfModule = async (): Promise<string[]> => {
  const { exports } = await bundle(`export * from '${sdkModule}'`, 'es')
  return exports
}

interface Size {
  what: string
  /** Plain, gzip, brotli. */
  bytes: [number, number, number]
}

const sizeOf = (what: string, content: string | Buffer): Size => ({
  what,
  bytes: [Buffer.byteLength(content), gzipSync(content).length, brotliCompressSync(content).length],
})

const bundledSizes = async (): Promise<Size[]> => {
  const names = await namesOfModule()
  const sizes = [sizeOf('bundled: core', await bundleOf([core]))]
  for (const name of names.filter((one) => one !== core))
    sizes.push(sizeOf(`bundled: core and ${name}`, await bundleOf([core, name])))
  return [...sizes, sizeOf('bundled: everything', await bundleOf(names))]
}

const shippedSizes = async (): Promise<Size[]> => {
  const names = (await readdir(sdkFolder)).filter((one) => /\.m?js$/.test(one))
  return Promise.all(names.map(async (name) => sizeOf(name, await readFile(join(sdkFolder, name)))))
}

const budgeted = (what: string, budget: number, sizes: Size[], of: string): Budgeted => {
  const brotli = sizes.find((size) => size.what === of)?.bytes[2] ?? Number.NaN
  return {
    what: `SDK: ${what}, bytes brotli`,
    budget: `≤ ${number(budget)}`,
    measured: number(brotli),
    isKept: brotli <= budget,
  }
}

/** What a page loads of the SDK: the shipped files, and its own bundle by what it imports. */
export const sdkSizes = async (): Promise<{ budgets: Budgeted[]; details: string }> => {
  const sizes = [...(await shippedSizes()), ...(await bundledSizes())]
  return {
    budgets: [
      budgeted('weir.js, with everything on', scriptBudgetBytes, sizes, 'weir.js'),
      budgeted('core in a bundle (createClient)', coreBudgetBytes, sizes, 'bundled: core'),
    ],
    details: table(
      ['SDK', 'bytes', 'gzip', 'brotli'],
      sizes.map(({ what, bytes }) => [what, ...bytes.map(number)])
    ),
  }
}
