import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { brotliCompressSync } from 'node:zlib'
import terser from '@rollup/plugin-terser'
import { dts } from 'rollup-plugin-dts'
import esbuild from 'rollup-plugin-esbuild'
import { keptNames } from './sdk/names.js'

const { version } = JSON.parse(await readFile(new URL('package.json', import.meta.url), 'utf8'))

const headers = `/*
  Access-Control-Allow-Origin: *
  X-Content-Type-Options: nosniff
${['weir.js', 'weir-full.js', 'weir-push.js', 'weir.mjs']
  .map((name) => `/${name}\n  Cache-Control: public, max-age=3600\n`)
  .join('')}/sdk/*
  Cache-Control: public, max-age=31536000, immutable
/console/*
  ! Access-Control-Allow-Origin
  Cache-Control: no-cache
`

/** Copies what was built to where the worker serves static files from. */
const publish = (name) => ({
  name: 'publish',
  async writeBundle() {
    await mkdir(`dist/public/sdk/${version}`, { recursive: true })
    await copyFile(`dist/sdk/${name}`, `dist/public/${name}`)
    await copyFile(`dist/sdk/${name}`, `dist/public/sdk/${version}/${name}`)
    await writeFile('dist/public/_headers', headers)
  },
})

/** Fails the build when a file grows beyond its size, bytes of brotli. */
const budget = (maxBytes) => ({
  name: 'budget',
  generateBundle(_, bundle) {
    for (const { fileName, code } of Object.values(bundle)) {
      const { length } = brotliCompressSync(code)
      if (length > maxBytes)
        this.error(`${fileName} takes ${length} bytes of brotli, ${maxBytes} is the limit.`)
    }
  },
})

/** Smaller than terser alone: `let` is shorter than `const`, and one word compresses better than two. */
const letsOnly = { name: 'lets-only', renderChunk: (code) => code.replace(/\bconst /g, 'let ') }

const compress = {
  passes: 6,
  unsafe: true,
  unsafe_methods: true,
  pure_getters: true,
  keep_fargs: false,
}
// Found by trying: these make a script some bytes smaller, and a module larger.
const compressScript = {
  ...compress,
  comparisons: false,
  hoist_funs: true,
  negate_iife: false,
  reduce_funcs: false,
}

/** Minifies. Made when it is needed, since the names to keep are those of the types, built first. */
const minify = {
  name: 'minify',
  async renderChunk(code, chunk, options, meta) {
    const types = await readFile('dist/sdk/weir.d.ts', 'utf8')
    const plugin = terser({
      ecma: 2022,
      // Of a module, globals that it does not use itself are dropped: of a script with a name, all of it.
      module: !options.name,
      compress: options.format === 'es' ? compress : compressScript,
      mangle: { properties: { regex: /^[a-zA-Z]+$/, reserved: keptNames(types) } },
    })
    return plugin.renderChunk.call(this, code, chunk, options, meta)
  },
}

const compile = esbuild({ target: 'es2022', define: { WEIR_VERSION: JSON.stringify(version) } })

const sdk = (input, name, { maxBytes, ...output }) => ({
  input: `sdk/browser/${input}.ts`,
  plugins: [compile, letsOnly, minify, budget(maxBytes), publish(name)],
  output: { file: `dist/sdk/${name}`, ...output },
})

/** What a page bundles that imports only the core from the module. It is measured, not shipped. */
const core = {
  input: 'core',
  plugins: [
    {
      name: 'core',
      resolveId: (id) => (id === 'core' ? id : null),
      load: (id) =>
        id === 'core' ? `export { createClient } from '${process.cwd()}/dist/sdk/weir.mjs'` : null,
    },
    terser({ ecma: 2022, module: true }),
    budget(3072),
  ],
  output: { file: 'dist/measured/core.mjs', format: 'es' },
}

/** What an integration imports: readable, and nothing that a page could load. */
const firehose = [
  {
    input: 'sdk/firehose/index.ts',
    plugins: [dts({ tsconfig: 'sdk/tsconfig.json' })],
    output: { file: 'dist/sdk/firehose.d.ts', format: 'es' },
  },
  {
    input: 'sdk/firehose/index.ts',
    plugins: [compile],
    output: { file: 'dist/sdk/firehose.mjs', format: 'es' },
  },
]

const pageDir = 'worker/console/page'
const consoleDir = 'dist/public/console'
const pageFiles = await readdir(pageDir)

const readStyles = async () => {
  const own = pageFiles.filter((name) => name.endsWith('.css') && name !== 'tokens.css').sort()
  const files = ['tokens.css', ...own].map((name) => `${pageDir}/${name}`)
  const all = ['node_modules/uplot/dist/uPlot.min.css', ...files]
  return (await Promise.all(all.map((file) => readFile(file, 'utf8')))).join('\n')
}

/** The console's styles and icon, beside its scripts. */
const publishStyles = {
  name: 'publish-styles',
  async writeBundle() {
    await writeFile(`${consoleDir}/console.css`, await readStyles())
    await copyFile(`${pageDir}/icon.svg`, `${consoleDir}/icon.svg`)
  },
}

/** What uPlot is imported as: a module that stands in its package beside what its name leads to. */
const uplot = {
  name: 'uplot',
  resolveId: (id) =>
    id === 'uplot' ? `${process.cwd()}/node_modules/uplot/dist/uPlot.esm.js` : null,
}

/** The scripts of the console's pages, a file for each that a page may ask for. */
const consoleScripts = {
  input: Object.fromEntries(
    pageFiles
      .filter((name) => name.endsWith('.ts'))
      .map((name) => [name.slice(0, -3), `${pageDir}/${name}`])
  ),
  plugins: [compile, uplot, terser({ ecma: 2022, module: true }), publishStyles],
  output: { dir: consoleDir, format: 'es', chunkFileNames: '[name].js' },
}

export default [
  {
    input: 'sdk/browser/index.ts',
    plugins: [dts({ tsconfig: 'sdk/tsconfig.json' })],
    output: { file: 'dist/sdk/weir.d.ts', format: 'es' },
  },
  sdk('script', 'weir.js', { format: 'iife', maxBytes: 5120 }),
  sdk('script-full', 'weir-full.js', { format: 'iife', maxBytes: 6400 }),
  sdk('push-script', 'weir-push.js', { format: 'iife', name: 'weirPush', maxBytes: 1024 }),
  sdk('index', 'weir.mjs', { format: 'es', maxBytes: 6656 }),
  core,
  ...firehose,
  consoleScripts,
]
