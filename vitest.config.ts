import { availableParallelism } from 'node:os'
import { cloudflareTest } from '@cloudflare/vitest-pool-workers'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const testSecrets = {
  ADMIN_TOKEN: 'test-admin-token',
  CONFIG_KEY: 'test-config-key',
  CONFIG_KEY_PREVIOUS: 'earlier-config-key',
  IDENTITY_KEY: 'test-identity-key',
  AWS_ACCESS_KEY_ID: 'AKIDSERVICE',
  AWS_SECRET_ACCESS_KEY: 'service-secret',
}

// Files that take long come first, so that at the end no core waits for one of them. Those of `unit`
// stay together: they share their modules.
const order = ['whole', 'worker', 'node', 'unit']

class ByProject extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return order.flatMap((name) => sorted.filter(({ project }) => project.name === name))
  }
}

export default defineConfig({
  test: {
    // One more than there are cores: most files wait for alarms, browsers and processes as well.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: ByProject },
    projects: [
      {
        // Runs inside workerd, with real Durable Objects.
        ssr: { external: ['fauxqs'] },
        plugins: [
          cloudflareTest({
            wrangler: { configPath: './wrangler.toml' },
            miniflare: {
              cf: false,
              // A window short enough that a test may pass it on a faked clock and still be believed by
              // the gate, which allows five minutes of skew.
              bindings: {
                ...testSecrets,
                ALLOW_CUSTOM_ENDPOINTS: 'true',
                BATCH_WINDOW_SECONDS: '5',
                OUTBOX_MAX_BYTES: '1000000',
              },
            },
          }),
        ],
        test: {
          name: 'worker',
          include: ['test/worker/**/*.test.ts'],
          globalSetup: ['test/support/build-setup.ts', 'test/support/gate-setup.ts'],
          testTimeout: 20_000,
        },
      },
      {
        // Runs in Node: pure logic, which knows nothing of the platform.
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          testTimeout: 20_000,
          isolate: false,
        },
      },
      {
        // Runs in Node: commands, and what is said about the tree.
        test: {
          name: 'node',
          include: ['test/*.test.ts', 'test/{firehose,commands}/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // Runs in Node: whole programs and browsers, with the SDK as it is built.
        test: {
          name: 'whole',
          include: ['test/{sdk,e2e,packaging,matrix}/**/*.test.ts'],
          globalSetup: ['test/support/build-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
