import { Empty } from '../components/notice'
import type { Session } from '../env'
import { Page } from '../layout'
import type { Parts } from './fields'

const labelOf = ({ id, name }: { id: string; name: string }): string =>
  name === '' ? id : `${name} (${id})`

/** Asks for source and output of a new connection first: its settings depend on both. */
export const StartPage = ({ session, parts }: { session: Session; parts: Parts }) => {
  const { inputs, audiences, outputs } = parts
  const hasSource = inputs.length + audiences.length > 0
  return (
    <Page title="New connection" active="connections" session={session}>
      {hasSource && outputs.length > 0 ? (
        <form method="get" class="panel">
          <div class="field">
            <label for="source">From</label>
            <select id="source" name="source">
              {inputs.map((input) => (
                <option value={`input:${input.id}`}>{`Input ${labelOf(input)}`}</option>
              ))}
              {audiences.length > 0 ? <option value="audiences">Audiences</option> : null}
            </select>
          </div>
          <div class="field">
            <label for="output">To</label>
            <select id="output" name="output">
              {outputs.map((output) => (
                <option value={output.id}>{`Output ${labelOf(output)}`}</option>
              ))}
            </select>
          </div>
          <div class="actions">
            <button type="submit">Continue</button>
            <a class="button quiet" href={`${session.root}/connections`}>
              Cancel
            </a>
          </div>
        </form>
      ) : (
        <Empty>
          <p>A connection leads from an input, or from audiences, to an output.</p>
          <div class="actions">
            <a class="button" href={`${session.root}/inputs/new`}>
              Add an input
            </a>
            <a class="button" href={`${session.root}/outputs`}>
              Add an output
            </a>
          </div>
        </Empty>
      )}
    </Page>
  )
}
