/** Matchers of what is told of the service that the variables choose. */
export const SERVICE = 'job="$job",namespace="$namespace",service="$service"'
/** The same where it is looked up, and where it looks up. */
export const AS_SERVER = 'job="$job",server_service_namespace="$namespace",server="$service"'
export const AS_CLIENT = 'job="$job",client_service_namespace="$namespace",client="$service"'
