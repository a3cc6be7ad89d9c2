import type { AwsCredentials } from './aws/request'

/** What the deployment provides to all outputs, as opposed to the workspace. */
export interface Deployment {
  /** The deployment's own AWS identity. */
  service?: AwsCredentials | undefined
  /** Whether addresses may be other than https, or of AWS. */
  allowsCustomEndpoints: boolean
  /** What names of buckets begin with that the deployment's own identity may write to. */
  roleBucketPrefix: string
}
